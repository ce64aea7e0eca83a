# From a rendered set, or a Multi-PIE tree, to the tables of docs/systems.md: rank 1 by view of people nobody trained on.
#   make venv
#   make -f examples/multiview.mk FACEREP=.venv/bin/facerep FACES=rendered/ [SEEDS="0 1 2"] [OUT=out/multiview] table
# FACES is what `facerep data render` wrote, or a tree of Multi-PIE by its names; it has the labels view, light,
# expression and split. Of the paper's 200 training people, 20 choose the epoch; the other 137 are looked up: a gallery of
# one frontal picture each, light 7, neutral; everything else neutral is a probe. Choices were made on the 20.
FACEREP ?= facerep
FACES ?= $(error name the set: FACES=rendered/)
OUT ?= out/multiview
SEEDS ?= 0 1 2
# PCA keeps 95 % of the variance; of drawn pictures, whose variance is in few dimensions, more (chosen on the 20)
CHAIN ?= pca+lda
CHAIN_rl := pca:200+lda
# further conditions, such as "--where light=7" for a quick look
SOME ?=
RECIPES := $(dir $(lastword $(MAKEFILE_LIST)))recipes
.DELETE_ON_ERROR:
.SECONDARY:

help:
	@echo "targets: table, smile (the probes smile), supervision (ways to teach), interpolation (every second view),"
	@echo "         unbalanced (each training person is seen from one side only; of a rendered set), recipes (paper, modern)"

NEUTRAL := --where expression=neutral
GALLERY := --gallery view=0,light=7,expression=neutral

# Of a rendered set a tree of pictures in which odd people lack the left views and even people the right ones.
LEFT  := 080 090 130 140
RIGHT := 041 050 190 200
$(OUT)/one-sided/faces: $(FACES)/rendered.json
	@rm -rf $@ && mkdir -p $@
	for person in $(FACES)/*.tar; do tar -xf $$person -C $@ --wildcards '*_01_01_*.png'; done
	$(foreach camera,$(LEFT),rm $@/??[13579]_??_??_$(camera)_??.png;)
	$(foreach camera,$(RIGHT),rm $@/??[02468]_??_??_$(camera)_??.png;)

# A run is LESSON-SEED. What makes a lesson differ stands here and only here.
OPTIONS_id         := --loss id --recipe $(RECIPES)/multiview-cnn.toml
OPTIONS_ve         := --loss ve --verification cosine --recipe $(RECIPES)/multiview-cnn.toml
OPTIONS_idve       := --loss id+ve --recipe $(RECIPES)/multiview-cnn.toml
OPTIONS_canonical  := --loss canonical
OPTIONS_multitask  := --loss canonical --network multi-task-32
OPTIONS_multiview  := --loss multiview
OPTIONS_papercanonical := --loss canonical --recipe paper
OPTIONS_papermultiview := --loss multiview --recipe paper
HALF               := $(foreach view,-45 -15 15 45,--where view!=$(view))
OPTIONS_halfid        := $(OPTIONS_id) $(HALF)
OPTIONS_halfcanonical := $(OPTIONS_canonical) $(HALF)
OPTIONS_halfmultiview := $(OPTIONS_multiview) $(HALF)
ONE_SIDED             := onesidedmultitask onesidedmultiview
OPTIONS_onesidedmultitask := $(OPTIONS_multitask)
OPTIONS_onesidedmultiview := $(OPTIONS_multiview)
lesson = $(firstword $(subst -, ,$(1)))
seen = $(if $(filter $(ONE_SIDED),$(call lesson,$(1))),$(OUT)/one-sided/faces,$(FACES))
$(foreach lesson,$(ONE_SIDED),$(SEEDS:%=$(OUT)/runs/$(lesson)-%/model.safetensors)): $(OUT)/one-sided/faces
$(OUT)/runs/%/model.safetensors:
	$(FACEREP) train $(call seen,$*) $(NEUTRAL) $(SOME) $(OPTIONS_$(call lesson,$*)) --precision 32-true \
		--seed $(lastword $(subst -, ,$*)) -o $(@D) --overwrite

# A system is a layer of a run, or a baseline: features of all neutral faces, LDA of the 200 people, rank 1 of the others.
# $(1) its folder, $(2) what extract is told, $(3) the weights it waits for, $(4) the views that LDA may see, $(5) the
# features that LDA sees where these are not those of all faces
define system
$(OUT)/$(1)/features.h5: $(3)
	@mkdir -p $$(@D)
	$$(FACEREP) -q extract $$(FACES) $$(NEUTRAL) $$(SOME) --mirror none $(2) -o $$@ --overwrite
$(OUT)/$(1)/one-sided.h5: $(OUT)/one-sided/faces $(3)
	@mkdir -p $$(@D)
	$$(FACEREP) -q extract $$< $$(NEUTRAL) $$(SOME) --mirror none $(2) -o $$@ --overwrite
$(OUT)/$(1)/lda.h5: $(OUT)/$(1)/$(or $(5),features).h5
	$$(FACEREP) -q fit $$< --chain $(or $(CHAIN_$(firstword $(subst /, ,$(1)))),$(CHAIN)) --where split!=test $(4) -o $$@ --overwrite
$(OUT)/$(1)/result.json: $(OUT)/$(1)/features.h5 $(OUT)/$(1)/lda.h5
	$$(FACEREP) -q identify $$< $$(GALLERY) --probes expression=neutral,split=test --by view --scorer $(OUT)/$(1)/lda.h5 \
		-o $$(@D) --overwrite
$(OUT)/smile/$(1)/features.h5: $(3)
	@mkdir -p $$(@D)
	$$(FACEREP) -q extract $$(FACES) --split test $$(SOME) --mirror none $(2) -o $$@ --overwrite
$(OUT)/smile/$(1)/result.json: $(OUT)/smile/$(1)/features.h5 $(OUT)/$(1)/lda.h5
	$$(FACEREP) -q identify $$< $$(GALLERY) --probes expression=smile --by view --scorer $(OUT)/$(1)/lda.h5 \
		-o $$(@D) --overwrite
endef
# $(1) system, $(2) lesson, $(3) layer, $(4) and $(5) what LDA may see: the same for every seed
define trained
$(foreach seed,$(SEEDS),$(eval $(call system,$(1)/seed$(seed),--model $(OUT)/runs/$(2)-$(seed) --layer $(3),\
	$(OUT)/runs/$(2)-$(seed)/model.safetensors,$(4),$(5))))
endef

# parts of the face around the five points, which a picture as it is does not place: hence the crop
WINDOWS := $(foreach scale,0.6 1.2,$(foreach point,left-eye right-eye nose left-mouth right-mouth,\
	--model lbp-32/$(point)*$(scale)))
$(eval $(call system,raw,--model pixels-32))
$(eval $(call system,lbp,--model lbp-64))
$(eval $(call system,landmark-lbp,$(WINDOWS) --crop points))
$(call trained,cnn,id,feature)
$(call trained,ve,ve,feature)
$(call trained,id+ve,idve,feature)
$(call trained,fip,canonical,fip)
$(call trained,rl,canonical,rl)
$(call trained,multi-task,multitask,fip)
$(foreach layer,h1_id h2_id h3_r h4_r,$(call trained,$(layer),multiview,$(layer)))
$(eval $(call system,half-raw,--model pixels-32,,$(HALF)))
$(call trained,half-cnn,halfid,feature,$(HALF))
$(call trained,half-fip,halfcanonical,fip,$(HALF))
$(call trained,half-h2_id,halfmultiview,h2_id,$(HALF))
$(call trained,paper-fip,papercanonical,fip)
$(call trained,paper-h2_id,papermultiview,h2_id)
$(call trained,one-sided-multi-task,onesidedmultitask,fip,,one-sided)
$(call trained,one-sided-h2_id,onesidedmultiview,h2_id,,one-sided)

# a table is the results of its systems: a baseline has one, what is trained one a seed
results = $(foreach one,$(2),$(if $(filter %raw %lbp,$(one)),$(1)/$(one)/result.json,\
	$(SEEDS:%=$(1)/$(one)/seed%/result.json)))
NETWORKS := cnn fip rl multi-task h1_id h2_id h3_r h4_r
table: $(call results,$(OUT),raw lbp landmark-lbp $(NETWORKS))
smile: $(call results,$(OUT)/smile,raw lbp landmark-lbp $(NETWORKS))
supervision: $(call results,$(OUT),ve cnn id+ve fip h2_id)
interpolation: $(call results,$(OUT),half-raw half-cnn half-fip half-h2_id)
unbalanced: $(call results,$(OUT),multi-task one-sided-multi-task h2_id one-sided-h2_id)
recipes: $(call results,$(OUT),fip paper-fip h2_id paper-h2_id)
table smile supervision interpolation unbalanced recipes:
	$(FACEREP) report $^ -o $(OUT)/tables/$@ --overwrite

.PHONY: help table smile supervision interpolation unbalanced recipes
