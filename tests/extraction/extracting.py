"""Extraction as these tests run it."""

import torch

from facerep.extraction.extract import extract, plan
from facerep.networks.weights import load_model
from facerep.readers.load import load

CPU = torch.device("cpu")


def run(folder, model, output, *, mirror="mean", models=1, layer="feature", moved=1, **options):
    faces = load(folder)
    doing = plan([load_model(model)] * models, faces, crop="loose", mirror=mirror, layer=layer, moved=moved)
    return extract(faces, doing, output, device=CPU, workers=0, **options)
