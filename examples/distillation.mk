# A small network learns the features of a strong one: labels alone, the teacher alone, both, and chosen units of it.
#   make venv && .venv/bin/pip install -e '.[onnx]'
#   make -f examples/distillation.mk FACEREP=.venv/bin/facerep TRAIN=people.csv TEACHER=net.onnx LFW=lfw/ [OUT=out/distillation] table within
# TRAIN is a table of faces with `split` and five points; rows without a person are taught by the teacher alone. TEACHER is
# an ONNX file with its input contract beside it (docs/onnx.md), or what else `extract --model` takes; PRESET names one.
# Choices were made on held-out people, never on view 2.
FACEREP ?= facerep
PYTHON ?= python
HERE := $(dir $(lastword $(MAKEFILE_LIST)))
TRAIN ?= $(error name the table of training faces: TRAIN=people.csv)
TEACHER ?= $(error name the network to learn from: TEACHER=net.onnx)
PRESET ?=
LFW ?= $(error name the LFW tree: LFW=lfw/)
OUT ?= out/distillation
SEEDS ?= 0
EPOCHS ?= 20
# further options of training, such as "--workers 0"
SOME ?=
.DELETE_ON_ERROR:
.SECONDARY:

# A run is WAY-SEED. What makes a way differ stands here and only here.
NETWORK         := --network deepid2-wide-signed --set network.dropout=0
OPTIONS_labels  := --loss id $(NETWORK)
OPTIONS_teacher := --loss teacher --teacher $(OUT)/teacher.h5
OPTIONS_both    := --loss id+teacher --teacher $(OUT)/teacher.h5
OPTIONS_units64 := --loss teacher --teacher $(OUT)/teacher.h5 --set signal.units=64

help:
	@echo "targets: table (labels alone, the teacher alone, both, 64 chosen units, beside the teacher itself),"
	@echo "within (the same at a low false accept rate within the sets of TRAIN)"

$(OUT)/teacher.h5:
	@mkdir -p $(@D)
	$(FACEREP) extract $(TRAIN) --split train --model $(TEACHER) $(PRESET:%=--preset %) -o $@ --resume
$(OUT)/%/model.safetensors: $(OUT)/teacher.h5
	$(FACEREP) train $(TRAIN) $(OPTIONS_$(firstword $(subst -, ,$*))) --epochs $(EPOCHS) --precision 32-true $(SOME) \
		--seed $(lastword $(subst -, ,$*)) -o $(@D) --overwrite
$(OUT)/%/lfw.h5: $(OUT)/%/model.safetensors
	$(FACEREP) -q extract $(LFW) --model $(@D) -o $@ --overwrite
$(OUT)/strong/lfw.h5:
	@mkdir -p $(@D)
	$(FACEREP) -q extract $(LFW) --model $(TEACHER) $(PRESET:%=--preset %) -o $@ --overwrite
$(OUT)/%/view2/result.json: $(OUT)/%/lfw.h5
	$(FACEREP) -q verify $< --pairs view2 -o $(@D) --overwrite

WAYS := labels teacher both units64
table: $(foreach way,$(WAYS),$(foreach seed,$(SEEDS),$(OUT)/$(way)-$(seed)/view2/result.json)) $(OUT)/strong/view2/result.json
	$(FACEREP) report $^ -o $(OUT)/table --overwrite

$(OUT)/%/held-out.h5: $(OUT)/%/model.safetensors
	$(FACEREP) -q extract $(TRAIN) --split validation --model $(@D) -o $@ --overwrite
within: $(foreach way,$(WAYS),$(foreach seed,$(SEEDS),$(OUT)/$(way)-$(seed)/held-out.h5))
	$(PYTHON) $(HERE)within_sets.py $^

.PHONY: help table within
