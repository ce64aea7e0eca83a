# The canonical view in the wild: from labelled photographs without views to LFW view 2, and to a sheet to look at.
#   make venv
#   make -f examples/canonical.mk FACEREP=.venv/bin/facerep TRAIN=people.csv LFW=lfw/ [OUT=out/canonical] [table]
# TRAIN is a table of faces with a `split` column (train, validation or dev), five points and people, none of them in
# LFW; each person's canonical picture is chosen by the measure of docs/canonical.md, section 2.
FACEREP ?= facerep
TRAIN ?= $(error name the table of training faces: TRAIN=people.csv)
LFW ?= $(error name the LFW tree: LFW=lfw/)
OUT ?= out/canonical
EPOCHS ?= 10
# how features become scores, fitted on the training people
CHAIN ?= pca:150+lda
LAYERS := fip rl
.DELETE_ON_ERROR:
.SECONDARY:

help:
	@echo "targets: table (LFW view 2 by cosine and by a fitted chain), sheet (LFW faces drawn anew)"

$(OUT)/run/model.safetensors:
	$(FACEREP) train $(TRAIN) --loss canonical --set signal.target=measure --set data.mirror=true --epochs $(EPOCHS) \
		--precision 32-true \
		-o $(@D) --overwrite
$(OUT)/%/lfw.h5: $(OUT)/run/model.safetensors
	@mkdir -p $(@D)
	$(FACEREP) -q extract $(LFW) --model $(OUT)/run --layer $* -o $@ --overwrite
$(OUT)/%/train.h5: $(OUT)/run/model.safetensors
	@mkdir -p $(@D)
	$(FACEREP) -q extract $(TRAIN) --model $(OUT)/run --layer $* -o $@ --overwrite
$(OUT)/%/scorer.h5: $(OUT)/%/train.h5
	$(FACEREP) -q fit $< --chain $(CHAIN) -o $@ --overwrite
$(OUT)/%/cosine/result.json: $(OUT)/%/lfw.h5
	$(FACEREP) -q verify $< -o $(@D) --overwrite
$(OUT)/%/fitted/result.json: $(OUT)/%/lfw.h5 $(OUT)/%/scorer.h5
	$(FACEREP) -q verify $< --scorer $(OUT)/$*/scorer.h5 -o $(@D) --overwrite

table: $(foreach layer,$(LAYERS),$(OUT)/$(layer)/cosine/result.json $(OUT)/$(layer)/fitted/result.json)
	$(FACEREP) report $^ -o $(OUT)/table --overwrite
sheet: $(OUT)/run/model.safetensors
	$(FACEREP) reconstruct $(OUT)/run $(LFW) --faces 48 -o $(OUT)/sheet --overwrite

.PHONY: help table sheet
