"""Sparse products: layers with few weights left, for use only, on a CPU.

Measured (docs/sparsify.md): at a sixteenth of the weights a compressed product is faster than the dense one, for full
connections and for unshared layers. A convolution uses each weight many times and stays dense.
"""

from __future__ import annotations

import warnings

import torch
from torch import Tensor, nn

from facerep.networks.layers import LocallyShared
from facerep.networks.sparsity.masks import mask_of, sparse_layers

MOST = 1 / 16  # share of the weights up to which a compressed product wins


def quicken(network: nn.Module) -> None:
    """Put compressed products in the place of those layers of a network that gain by it; it can be used, not taught."""
    for name, layer in sparse_layers(network).items():
        mask = mask_of(layer)
        few = mask is not None and mask.float().mean() <= MOST
        if few and (isinstance(layer, nn.Linear) or (isinstance(layer, LocallyShared) and layer.block == 1)):
            network.set_submodule(name, SparseProduct(layer))


class SparseProduct(nn.Module):
    """A full connection or an unshared layer as one compressed matrix, (units, inputs) of the whole layer.

    Shapes: those of the layer that it replaces.
    """

    bias: Tensor

    def __init__(self, layer: nn.Linear | LocallyShared) -> None:
        super().__init__()
        if isinstance(layer, nn.Linear):
            self.out, matrix = None, layer.weight.detach()
            self.register_buffer("bias", layer.bias.detach()[:, None])
        else:
            self.out, matrix = layer.out, _unrolled(layer)
            self.register_buffer("bias", layer.bias.detach().reshape(-1, 1))
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta state")
            self.matrix = matrix.to_sparse_csr()

    def forward(self, maps: Tensor) -> Tensor:
        # a matrix of float32 whatever the precision of the layers around it
        with torch.autocast(maps.device.type, enabled=False):
            flat = maps.permute(0, 2, 3, 1).flatten(1) if self.out else maps
            answer = self.matrix @ flat.float().T.contiguous() + self.bias
        if self.out is None:
            return answer.T.to(maps.dtype)
        return answer.reshape(*self.out, -1, len(maps)).permute(3, 2, 0, 1).to(maps.dtype)


def _unrolled(layer: LocallyShared) -> Tensor:
    """The weights of an unshared layer as one sparse matrix over all inputs, in the order height, width, map."""
    mask = layer.get_buffer("mask")
    position, inputs, unit = mask.nonzero(as_tuple=True)
    high, wide = layer.out
    maps, around = inputs // layer.kernel**2, inputs % layer.kernel**2
    row = position // wide + around // layer.kernel
    column = position % wide + around % layer.kernel
    across, count = wide + layer.kernel - 1, mask.shape[1] // layer.kernel**2
    places = torch.stack([position * mask.shape[2] + unit, (row * across + column) * count + maps])
    size = (len(mask) * mask.shape[2], (high + layer.kernel - 1) * across * count)
    return torch.sparse_coo_tensor(places, layer.weight.detach()[mask], size, check_invariants=True)
