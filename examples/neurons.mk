# What single units know: DeepID2+'s claims (its sections 4 to 6) on LFW, with the weights in the box or a run.
#   make venv
#   make -f examples/neurons.mk FACEREP=.venv/bin/facerep LFW=lfw/ TRAIN=people.csv LABELS=lfw_gender.csv
# LFW is the tree with its pair lists; TRAIN a table of other people with a `split` column, whose validation part
# teaches the scorers; LABELS a table of attributes of LFW's people or faces.
FACEREP ?= facerep
LFW ?= $(error name the LFW tree: LFW=lfw/)
TRAIN ?= $(error name a table of other people: TRAIN=people.csv)
LABELS ?= $(error name a table of attributes: LABELS=lfw_gender.csv)
ATTRIBUTES ?= gender=f
MODEL ?= bundled
LAYERS ?= feature,conv4,pool3
UNITS ?= 0 1 2 3
OUT ?= out/neurons
.DELETE_ON_ERROR:
.SECONDARY:

claims: $(foreach part,sparseness selectiveness units robustness view2,$(OUT)/$(part)/result.json)
	$(FACEREP) analyze claims $(OUT)/view2 $(OUT)/sparseness $(OUT)/selectiveness $(OUT)/robustness -o $(OUT)/claims --overwrite

$(OUT)/%-lfw.h5:
	@mkdir -p $(@D)
	$(FACEREP) -q extract $(LFW) --model $* -o $@ --overwrite
$(OUT)/lfw.h5:
	@mkdir -p $(@D)
	$(FACEREP) -q extract $(LFW) --model $(MODEL) -o $@ --overwrite
$(OUT)/held-out.h5:
	@mkdir -p $(@D)
	$(FACEREP) -q extract $(TRAIN) --split validation --model $(MODEL) -o $@ --overwrite
$(OUT)/joint-bayesian.h5: $(OUT)/held-out.h5
	$(FACEREP) -q fit l2+pca:100+joint-bayesian $< -o $@ --overwrite

$(OUT)/sparseness/result.json: $(OUT)/lfw.h5
	$(FACEREP) -q analyze sparseness $< -o $(@D) --overwrite
$(OUT)/selectiveness/result.json: $(OUT)/lfw.h5 $(OUT)/lbp-lfw.h5
	$(FACEREP) -q analyze selectiveness $< --against $(OUT)/lbp-lfw.h5 --labels $(LABELS) --attributes $(ATTRIBUTES) \
		-o $(@D) --overwrite
$(OUT)/units/result.json: $(OUT)/lfw.h5
	$(FACEREP) -q analyze units $(LFW) $< $(UNITS:%=--unit %) -o $(@D) --overwrite
$(OUT)/robustness/result.json: $(OUT)/joint-bayesian.h5
	$(FACEREP) -q analyze robustness $(LFW) --model $(MODEL) --model lbp --layers $(LAYERS) --scorer $< --fit-on $(TRAIN) \
		--fit-split validation --chain l2+pca:100+joint-bayesian --pairs view2 -o $(@D) --overwrite
$(OUT)/view2/result.json: $(OUT)/lfw.h5 $(OUT)/joint-bayesian.h5
	$(FACEREP) -q verify $< --pairs view2 --scorer $(OUT)/joint-bayesian.h5 -o $(@D) --overwrite

.PHONY: claims
