# From image folders to the table of docs/systems.md: networks trained on people who are not in LFW, tested on LFW.
#   make venv
#   make -f examples/lfw.mk FACEREP=.venv/bin/facerep TRAIN=people.csv LFW=lfw/ [OUT=out/lfw] [table]
# TRAIN is a table of faces with a `split` column (train, validation or dev), five points and people;
# LFW the tree with its protocol files. Choices were made on view 1 and held-out people, never on view 2.
FACEREP ?= facerep
TRAIN ?= $(error name the table of training faces: TRAIN=people.csv)
LFW ?= $(error name the LFW tree: LFW=lfw/)
OUT ?= out/lfw
SEEDS ?= 0 1 2
RECIPES := $(dir $(lastword $(MAKEFILE_LIST)))recipes
.DELETE_ON_ERROR:
.SECONDARY:

# One folder a system: SYSTEM-SEED. The options that make a system differ from the recipe stand here and only here.
OPTIONS_first       := --recipe $(RECIPES)/lfw.toml
ABLATION            := --recipe $(RECIPES)/lfw-ablation.toml
OPTIONS_id          := $(ABLATION) --loss id
OPTIONS_ve          := $(ABLATION) --loss ve
OPTIONS_idve        := $(ABLATION) --loss id+ve
OPTIONS_unit        := $(ABLATION) --set signal.unit=true --set signal.scale=1.0 --lambda 4
# as in the papers: nothing but the two signals regularises
PLAIN               := --recipe $(RECIPES)/lfw-plain.toml
OPTIONS_plainid     := $(PLAIN) --loss id
OPTIONS_plainidve   := $(PLAIN) --loss id+ve
OPTIONS_wide        := $(ABLATION) --network deepid2-wide
OPTIONS_wideplus    := $(ABLATION) --network deepid2+wide
OPTIONS_clean       := $(ABLATION) --where set!=bolly
# networks of parts of the face, beside that of the whole one
PARTS               := inner upper lower
OPTIONS_inner       := $(OPTIONS_first) --epochs 10 --set data.patch=inner
OPTIONS_upper       := $(OPTIONS_first) --epochs 10 --set data.patch=upper
OPTIONS_lower       := $(OPTIONS_first) --epochs 10 --set data.patch=lower

# more people: fewer are part of more; with few people more passes over them, at most 40
OPTIONS_people130   := $(ABLATION) --set data.people=130 --epochs 40
OPTIONS_people260   := $(ABLATION) --set data.people=260 --epochs 40
OPTIONS_people520   := $(ABLATION) --set data.people=520 --epochs 28
OPTIONS_people1050  := $(ABLATION) --set data.people=1050 --epochs 16
OPTIONS_peopleall   := $(ABLATION)
PEOPLE              := people130 people260 people520 people1050 peopleall

help:
	@echo "targets: table (the one whole-face network), signals (id, ve, id+ve), layerwise, noise, patches, people"

# training -> run; run -> features of LFW, of the training people and of held-out people
$(OUT)/%/model.safetensors:
	$(FACEREP) train $(TRAIN) $(OPTIONS_$(firstword $(subst -, ,$*))) --seed $(lastword $(subst -, ,$*)) -o $(OUT)/$* --overwrite
# the one network is trained in two parts: lfw.toml, then from there with less augmentation and a lower rate
$(SEEDS:%=$(OUT)/main-%/model.safetensors): $(OUT)/main-%/model.safetensors: $(OUT)/first-%/model.safetensors
	$(FACEREP) train $(TRAIN) --recipe $(RECIPES)/lfw-finish.toml --set network.start=$(OUT)/first-$* --seed $* \
		-o $(@D) --overwrite
# the whole face and its parts: one feature, the vectors of all four side by side
CONCATENATED := main-0 $(PARTS:=-0)
$(OUT)/patches-0/lfw.h5: $(CONCATENATED:%=$(OUT)/%/model.safetensors)
	@mkdir -p $(@D)
	$(FACEREP) -q extract $(LFW) $(CONCATENATED:%=--model $(OUT)/%) -o $@ --overwrite
$(OUT)/patches-0/held-out.h5: $(CONCATENATED:%=$(OUT)/%/model.safetensors)
	@mkdir -p $(@D)
	$(FACEREP) -q extract $(TRAIN) --split validation $(CONCATENATED:%=--model $(OUT)/%) -o $@ --overwrite
include $(dir $(RECIPES))judge.mk

results = $(foreach system,$(1),$(foreach metric,$(2),$(OUT)/$(system)/view2-$(metric)/result.json))
seeded = $(foreach system,$(1),$(foreach seed,$(SEEDS),$(system)-$(seed)))

table: $(call results,main-0,joint-bayesian cosine hamming)
	$(FACEREP) report $^ -o $(OUT)/report-main --overwrite
# deepid-39x31 has DeepID's layers and input; id is DeepID's signal, id+ve are DeepID2's
signals: $(call results,$(call seeded,id ve idve unit plainid plainidve),cosine euclidean joint-bayesian)
	$(FACEREP) report $^ -o $(OUT)/report-signals --overwrite
layerwise: $(call results,$(call seeded,wide wideplus),cosine joint-bayesian hamming)
	$(FACEREP) report $^ -o $(OUT)/report-layerwise --overwrite
noise: $(call results,$(call seeded,idve clean),cosine joint-bayesian)
	$(FACEREP) report $^ -o $(OUT)/report-noise --overwrite

patches: $(call results,main-0 $(PARTS:=-0) patches-0,cosine joint-bayesian hamming)
	$(FACEREP) report $^ -o $(OUT)/report-patches --overwrite

people: $(call results,$(call seeded,$(PEOPLE)),cosine joint-bayesian)
	$(FACEREP) report $^ -o $(OUT)/report-people --overwrite

.PHONY: help table signals layerwise noise patches people
