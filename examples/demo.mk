# The demo: ORL, 400 photographs of 40 people; 25 train, 5 validate, 10 other people test.
#   make demo
# Each line is a command that you can run by hand; each target is a file.
FACEREP ?= facerep
OUT := out/demo
.DELETE_ON_ERROR:

all: $(OUT)/report/comparison.json
	@echo
	@echo "figure: $(OUT)/report/roc.png"

$(OUT)/run/model.safetensors:
	$(FACEREP) train orl --loss id+ve --recipe examples/recipes/orl-demo.toml -o $(OUT)/run --overwrite

$(OUT)/train.h5 $(OUT)/test.h5: $(OUT)/%.h5: $(OUT)/run/model.safetensors
	$(FACEREP) -q extract orl --split $* --model $(OUT)/run -o $@ --overwrite > $(OUT)/$*.txt

# beside it: the aligned pixels, and the weights in the box, which have seen 1,156 other people
$(OUT)/pixels.h5 $(OUT)/bundled.h5: $(OUT)/%.h5: | $(OUT)/run/model.safetensors
	$(FACEREP) -q extract orl --split test --model $* -o $@ --overwrite > $(OUT)/$*.txt

$(OUT)/joint-bayesian.h5: $(OUT)/train.h5
	$(FACEREP) -q fit pca+joint-bayesian $< --components 40 -o $@ --overwrite > $(OUT)/fit.txt

$(OUT)/codes.h5: $(OUT)/test.h5
	$(FACEREP) -q binarize $< -o $@ --overwrite > $(OUT)/codes.txt

VERIFY = $(FACEREP) -q verify $< --pairs all --output $(@D) --overwrite > $(@D).txt 2>&1

$(OUT)/cosine/result.json: $(OUT)/test.h5
	$(VERIFY) --metric cosine
$(OUT)/joint-bayesian/result.json: $(OUT)/test.h5 $(OUT)/joint-bayesian.h5
	$(VERIFY) --metric joint-bayesian --scorer $(OUT)/joint-bayesian.h5
$(OUT)/hamming/result.json: $(OUT)/codes.h5
	$(VERIFY) --metric hamming
$(OUT)/pixels/result.json $(OUT)/bundled/result.json: $(OUT)/%/result.json: $(OUT)/%.h5
	$(VERIFY) --metric cosine

RESULTS := $(foreach name,cosine joint-bayesian hamming pixels bundled,$(OUT)/$(name)/result.json)

$(OUT)/report/comparison.json: $(RESULTS)
	@$(FACEREP) report $(RESULTS) --output $(@D) --overwrite

.PHONY: all
