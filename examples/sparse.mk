# A network cut to an eighth of its weights, by the paper's rule and by others, tested on LFW: one table.
#   make venv
#   make -f examples/sparse.mk FACEREP=.venv/bin/facerep TRAIN=people.csv LFW=lfw/ [OUT=out/sparse] table
# TRAIN and LFW as in lfw.mk. On two cores a dense run takes twenty minutes, sparsifying it another twenty. `scratch` and
# `longer` have as many epochs as both together, so forty minutes each. EPOCHS=6 AGAIN=2 takes half of it, for a trial;
# WHERE selects a part of TRAIN.
FACEREP ?= facerep
TRAIN ?= $(error name the table of training faces: TRAIN=people.csv)
LFW ?= $(error name the LFW tree: LFW=lfw/)
OUT ?= out/sparse
SEEDS ?= 0
EPOCHS ?= 12
AGAIN ?= 4
WHERE ?=
RECIPES := $(dir $(lastword $(MAKEFILE_LIST)))recipes
SCHEDULE := $(RECIPES)/sparsify-eighth.toml
LAYERS := 3
RULES := correlation random strongest magnitude
DENSE := $(FACEREP) train $(TRAIN) $(WHERE) --recipe $(RECIPES)/lfw-ablation.toml --network vgg-local-narrow
.DELETE_ON_ERROR:
.SECONDARY:

help:
	@echo "targets: table (all rules), paper (dense and the paper's rule alone)"

# dense-SEED; RULE-SEED from it; scratch-SEED with the structure of correlation-SEED; longer-SEED as long as the chain
$(SEEDS:%=$(OUT)/dense-%/model.safetensors): $(OUT)/dense-%/model.safetensors:
	$(DENSE) --epochs $(EPOCHS) --seed $* -o $(@D) --overwrite
$(SEEDS:%=$(OUT)/longer-%/model.safetensors): $(OUT)/longer-%/model.safetensors:
	$(DENSE) --epochs $$(($(EPOCHS) + $(LAYERS) * $(AGAIN))) --seed $* -o $(@D) --overwrite
define sparse
$(SEEDS:%=$(OUT)/$(1)-%/model.safetensors): $(OUT)/$(1)-%/model.safetensors: $(OUT)/dense-%/model.safetensors
	$(FACEREP) sparsify $$(<D) $(TRAIN) $(WHERE) --recipe $(SCHEDULE) --rule $(1) --epochs $(AGAIN) -o $$(@D) --overwrite
endef
$(foreach rule,$(RULES),$(eval $(call sparse,$(rule))))
$(SEEDS:%=$(OUT)/scratch-%/model.safetensors): $(OUT)/scratch-%/model.safetensors: $(OUT)/correlation-%/model.safetensors
	$(FACEREP) sparsify $(<D) $(TRAIN) $(WHERE) --from-scratch -o $(@D) --overwrite

include $(dir $(RECIPES))judge.mk

runs = $(foreach system,$(1),$(SEEDS:%=$(system)-%))
results = $(foreach run,$(call runs,$(1)),$(OUT)/$(run)/view2-cosine/result.json $(OUT)/$(run)/view2-joint-bayesian/result.json)

ALL := dense $(RULES) scratch longer
table: $(call results,$(ALL))
	$(FACEREP) report $(patsubst %,$(OUT)/%,$(call runs,$(ALL))) -o $(OUT)/report --overwrite
paper: $(call results,dense correlation)
	$(FACEREP) report $(patsubst %,$(OUT)/%,$(call runs,dense correlation)) -o $(OUT)/report-paper --overwrite

.PHONY: help table paper
