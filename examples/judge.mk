# How a run in $(OUT)/RUN is judged on LFW; included by lfw.mk and sparse.mk, which name FACEREP, TRAIN, LFW and OUT.
# run -> features of LFW and of held-out people -> scorer, codes -> results
$(OUT)/%/lfw.h5: $(OUT)/%/model.safetensors
	$(FACEREP) -q extract $(LFW) --model $(OUT)/$* -o $@ --overwrite
$(OUT)/%/held-out.h5: $(OUT)/%/model.safetensors
	$(FACEREP) -q extract $(TRAIN) --split validation --model $(OUT)/$* -o $@ --overwrite
# as in the papers, Joint Bayesian is fitted on people who are not the network's; this is also better on view 1
$(OUT)/%/joint-bayesian.h5: $(OUT)/%/held-out.h5
	$(FACEREP) -q fit l2+pca:100+joint-bayesian $< -o $@ --overwrite
$(OUT)/%/codes.h5: $(OUT)/%/lfw.h5
	$(FACEREP) -q binarize $< -o $@ --overwrite

# view 2 to report, view 1 to choose
VIEW2 = $(FACEREP) -q verify $< --pairs view2 --setting "unrestricted, labeled outside data" -o $(@D) --overwrite
VIEW1 = $(FACEREP) -q verify $< --pairs view1-test -o $(@D) --overwrite
BY_SCORER = --metric joint-bayesian --scorer $(OUT)/$*/joint-bayesian.h5
$(OUT)/%/view2-cosine/result.json: $(OUT)/%/lfw.h5
	$(VIEW2) --metric cosine
$(OUT)/%/view2-euclidean/result.json: $(OUT)/%/lfw.h5
	$(VIEW2) --metric euclidean
$(OUT)/%/view2-joint-bayesian/result.json: $(OUT)/%/lfw.h5 $(OUT)/%/joint-bayesian.h5
	$(VIEW2) $(BY_SCORER)
$(OUT)/%/view2-hamming/result.json: $(OUT)/%/codes.h5
	$(VIEW2) --metric hamming
$(OUT)/%/view1-cosine/result.json: $(OUT)/%/lfw.h5
	$(VIEW1) --metric cosine
$(OUT)/%/view1-joint-bayesian/result.json: $(OUT)/%/lfw.h5 $(OUT)/%/joint-bayesian.h5
	$(VIEW1) $(BY_SCORER)
