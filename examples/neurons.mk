# What single units know: the claims of DeepID2+ (its sections 3 to 6) on LFW, with the weights in the box or a run.
#   make venv
#   make -f examples/neurons.mk FACEREP=.venv/bin/facerep LFW=lfw/ TRAIN=people.csv LABELS=lfw_gender.csv
# LFW: the tree with its pair lists.
# TRAIN: a table of other people with a `split` column; the scorers are fitted on its validation part.
# LABELS: a table of attributes of LFW's people or faces.
# MODEL, LAYERS: a run of the DeepID2+ kind with its feature layers, such as
#   MODEL=runs/plus LAYERS=feature,feature-3,feature-2,feature-1
# MORE: further systems for robustness, such as MORE="--model runs/plus,runs/other".
# OTHERS: feature files of the same faces by networks that are not ours.
FACEREP ?= facerep
LFW ?= $(error name the LFW tree: LFW=lfw/)
TRAIN ?= $(error name a table of other people: TRAIN=people.csv)
LABELS ?= $(error name a table of attributes: LABELS=lfw_gender.csv)
ATTRIBUTES ?= gender=f
MODEL ?= bundled
LAYERS ?= feature,conv4,pool3
MORE ?=
OTHERS ?=
UNITS ?= 0 1 2 3
CHAIN ?= l2+pca:100+joint-bayesian
OUT ?= out/neurons
.DELETE_ON_ERROR:
.SECONDARY:

comma := ,
EACH := $(subst $(comma), ,$(LAYERS))
FILES := $(EACH:%=$(OUT)/lfw-%.h5)
PARTS := view2 codes sparseness selectiveness units robustness

claims: $(PARTS:%=$(OUT)/%/result.json)
	$(FACEREP) analyze claims $(PARTS:%=$(OUT)/%) -o $(OUT)/claims --overwrite

$(OUT)/lbp.h5:
	@mkdir -p $(@D)
	$(FACEREP) -q extract $(LFW) --model lbp -o $@ --overwrite
$(OUT)/lfw-%.h5:
	@mkdir -p $(@D)
	$(FACEREP) -q extract $(LFW) --model $(MODEL) --layer $* -o $@ --overwrite
$(OUT)/held-out.h5:
	@mkdir -p $(@D)
	$(FACEREP) -q extract $(TRAIN) --split validation --model $(MODEL) -o $@ --overwrite
$(OUT)/joint-bayesian.h5: $(OUT)/held-out.h5
	$(FACEREP) -q fit $(CHAIN) $< -o $@ --overwrite
$(OUT)/codes.h5: $(OUT)/lfw-feature.h5
	$(FACEREP) -q binarize $< -o $@ --overwrite

$(OUT)/sparseness/result.json: $(FILES) $(OTHERS)
	$(FACEREP) -q analyze sparseness $^ -o $(@D) --overwrite
$(OUT)/selectiveness/result.json: $(FILES) $(OUT)/lbp.h5 $(OTHERS)
	$(FACEREP) -q analyze selectiveness $< $(patsubst %,--against %,$(filter-out $<,$^)) --labels $(LABELS) \
		--attributes $(ATTRIBUTES) -o $(@D) --overwrite
$(OUT)/units/result.json: $(OUT)/lfw-feature.h5
	$(FACEREP) -q analyze units $(LFW) $< $(UNITS:%=--unit %) -o $(@D) --overwrite
$(OUT)/robustness/result.json: $(OUT)/joint-bayesian.h5
	$(FACEREP) -q analyze robustness $(LFW) --model $(MODEL) $(MORE) --model lbp --layers $(LAYERS) --scorer $< \
		--fit-on $(TRAIN) --fit-split validation --chain $(CHAIN) --pairs view2 -o $(@D) --overwrite
$(OUT)/view2/result.json: $(OUT)/lfw-feature.h5 $(OUT)/joint-bayesian.h5
	$(FACEREP) -q verify $< --pairs view2 --scorer $(OUT)/joint-bayesian.h5 -o $(@D) --overwrite
$(OUT)/codes/result.json: $(OUT)/codes.h5
	$(FACEREP) -q verify $< --pairs view2 -o $(@D) --overwrite

.PHONY: claims
