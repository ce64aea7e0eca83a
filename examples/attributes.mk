# From CelebA's aligned pictures to the table of docs/attributes.md: the majority guess, HOG and colour, a network from
# scratch, the bundled network directly, fine-tuned, and fine-tuned beside identification.
#   make venv
#   make -f examples/attributes.mk FACEREP=.venv/bin/facerep CELEBA=celeba/ [SEEDS="0 1 2"] [OUT=out/attributes] table
#   make -f examples/attributes.mk FACEREP=.venv/bin/facerep MTFL=mtfl.csv second
# CELEBA is a folder with img_align_celeba/, identity_CelebA.txt and list_attr_celeba.txt; MTFL a table with five
# points, `split`, and the columns gender, smile, glasses (1 is male, smiling, with glasses).
FACEREP ?= facerep
CELEBA ?= $(error name the CelebA folder: CELEBA=celeba/)
MTFL ?= $(error name the MTFL table: MTFL=mtfl.csv)
OUT ?= out/attributes
SEEDS ?= 0
.DELETE_ON_ERROR:

help:
	@echo "targets: table (40 attributes of CelebA, five systems), second (sex, smile, glasses of MTFL, directly)"

$(OUT)/celeba.h5:
	@mkdir -p $(OUT)
	$(FACEREP) -q extract $(CELEBA) --model bundled --crop celeba -o $@ --overwrite
$(OUT)/direct/result.json: $(OUT)/celeba.h5
	$(FACEREP) -q attributes fit $< -o $(@D) --overwrite
$(OUT)/hog/result.json:
	$(FACEREP) -q attributes fit $(CELEBA) --hog --crop celeba -o $(@D) --overwrite

# at 260 images/s, as on one core with bf16: two and a half minutes to fine-tune, five from scratch
TEACH = $(FACEREP) attributes teach $(CELEBA) --crop celeba --precision bf16-mixed --seed $* -o $(@D) --overwrite
$(SEEDS:%=$(OUT)/scratch-%/result.json): $(OUT)/scratch-%/result.json:
	$(TEACH) --scratch deepid2-wide
$(SEEDS:%=$(OUT)/fine-tuned-%/result.json): $(OUT)/fine-tuned-%/result.json:
	$(TEACH) --fine-tune bundled
$(SEEDS:%=$(OUT)/joint-%/result.json): $(OUT)/joint-%/result.json:
	$(TEACH) --fine-tune bundled --set signal.id=0.1

$(SEEDS:%=$(OUT)/comparison-%/comparison.json): $(OUT)/comparison-%/comparison.json: $(OUT)/hog/result.json \
		$(OUT)/scratch-%/result.json $(OUT)/direct/result.json $(OUT)/fine-tuned-%/result.json $(OUT)/joint-%/result.json
	$(FACEREP) report $(^D) -o $(@D) --overwrite
table: $(SEEDS:%=$(OUT)/comparison-%/comparison.json)

$(OUT)/mtfl.h5:
	@mkdir -p $(OUT)
	$(FACEREP) -q extract $(MTFL) --model bundled -o $@ --overwrite
second: $(OUT)/mtfl.h5
	$(FACEREP) attributes fit $< --attributes gender=1,smile=1,glasses=1 -o $(OUT)/mtfl --overwrite

.PHONY: help table second
