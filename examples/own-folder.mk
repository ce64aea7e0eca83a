# A folder of one's own, of 10, 30 and 100 people who are new to the box: random weights, fine-tuning from the box, and the
# box as it is, tested on other people of the same set (docs/train.md, section 3).
#   make venv
#   make -f examples/own-folder.mk FACEREP=.venv/bin/facerep PYTHON=.venv/bin/python LFW=lfw/ GT=gt/gt.csv table
# LFW is the tree with its lists; training and test people are different people of view 1. GT is a table of Georgia Tech's
# 50 people with five points. ORL comes with the extra `demo`. A set that is not named is left out.
FACEREP ?= facerep
PYTHON ?= python
ORL ?= orl
OUT ?= out/own
SEEDS ?= 0 1 2
HERE := $(dir $(lastword $(MAKEFILE_LIST)))
.DELETE_ON_ERROR:
.SECONDARY:

SIZES_orl := 10 30
SIZES_gt := 10 30
SIZES_lfw := 10 30 100
CROP_orl := --crop orl
SETS := orl $(if $(GT),gt) $(if $(LFW),lfw)

help:
	@echo "targets: table (one report for each set and number of people)"

# people of the set as folders, chosen by a hash of their labels
$(OUT)/orl/judged/pairs.csv:
	$(PYTHON) $(HERE)own_folder.py $(ORL) $(OUT)/orl --train 10,30 --judged 10
$(OUT)/gt/judged/pairs.csv:
	$(PYTHON) $(HERE)own_folder.py $(GT) $(OUT)/gt --train 10,30 --judged 20
$(OUT)/lfw/judged/pairs.csv:
	$(PYTHON) $(HERE)own_folder.py $(LFW) $(OUT)/lfw --train 10,30,100 --judged 120 --most 10 \
		--training-people $(LFW)/peopleDevTrain.txt --judged-people $(LFW)/peopleDevTest.txt

# OUT/SET/scratch-PEOPLE-SEED, OUT/SET/tuned-PEOPLE-SEED and OUT/SET/box
OPTIONS_scratch := --loss id+ve
OPTIONS_tuned := --start bundled
define system
$(OUT)/$(1)/$(2)-$(3)-%/model.safetensors: $(OUT)/$(1)/judged/pairs.csv
	$(FACEREP) -q train $(OUT)/$(1)/people-$(3)/faces.csv $(CROP_$(1)) $(OPTIONS_$(2)) --seed $$* \
		-o $(OUT)/$(1)/$(2)-$(3)-$$* --overwrite > $(OUT)/$(1)/$(2)-$(3)-$$*.txt
$(OUT)/$(1)/$(2)-$(3)-%.h5: $(OUT)/$(1)/$(2)-$(3)-%/model.safetensors
	$(FACEREP) -q extract $(OUT)/$(1)/judged/faces.csv $(CROP_$(1)) --model $$(<D) -o $$@ --overwrite > $$@.txt
endef
$(foreach set,$(SETS),$(foreach people,$(SIZES_$(set)),$(foreach kind,scratch tuned,\
	$(eval $(call system,$(set),$(kind),$(people))))))
$(SETS:%=$(OUT)/%/box.h5): $(OUT)/%/box.h5: $(OUT)/%/judged/pairs.csv
	$(FACEREP) -q extract $(OUT)/$*/judged/faces.csv $(CROP_$*) --model bundled -o $@ --overwrite > $@.txt
$(OUT)/%-verified/result.json: $(OUT)/%.h5
	$(FACEREP) -q verify $< --pairs $(dir $(OUT)/$*)judged/pairs.csv -o $(@D) --overwrite > $(@D).txt

# the box first: every difference is to it, on the same pairs
report = $(OUT)/$(1)/report-$(2)/comparison.json
define compared
$(call report,$(1),$(2)): $(OUT)/$(1)/box-verified/result.json \
		$(foreach seed,$(SEEDS),$(foreach kind,tuned scratch,$(OUT)/$(1)/$(kind)-$(2)-$(seed)-verified/result.json))
	$(FACEREP) report $$^ -o $$(@D) --overwrite
endef
$(foreach set,$(SETS),$(foreach people,$(SIZES_$(set)),$(eval $(call compared,$(set),$(people)))))
table: $(foreach set,$(SETS),$(foreach people,$(SIZES_$(set)),$(call report,$(set),$(people))))

.PHONY: help table
