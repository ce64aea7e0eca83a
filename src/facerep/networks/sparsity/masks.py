"""Sparse layers: a fixed mask of the weights that a layer keeps, as it is held in memory and in a weights file.

The mask is a buffer of its layer, so it moves, is saved in checkpoints and is resumed with it. In a weights file a
sparse layer has its kept values and their positions in place of its weights; the contract names it under `sparse`.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from facerep.networks.sparsity.positions import pack, unpack


def keep_only(layer: nn.Module, mask: Tensor) -> None:
    """Leave a layer the weights in `mask`, bool of their shape, and no others from now on."""
    weight = layer.weight
    assert isinstance(weight, Tensor)
    layer.register_buffer("mask", mask.to(weight.device, torch.bool))
    hold(layer)


def mask_of(layer: nn.Module) -> Tensor | None:
    """The mask of a layer, None where it has all its weights."""
    mask = layer._buffers.get("mask")
    return mask if isinstance(mask, Tensor) else None


def sparse_layers(network: nn.Module) -> dict[str, nn.Module]:
    """The sparse layers in a network, by module name."""
    return {name: module for name, module in network.named_modules() if mask_of(module) is not None}


def copy_masks(source: nn.Module, target: nn.Module) -> None:
    """Make the layers of `target` sparse that are so in `source`, a network of the same row."""
    for name, layer in sparse_layers(source).items():
        keep_only(target.get_submodule(name), layer.get_buffer("mask"))


@torch.no_grad()
def hold(network: nn.Module) -> None:
    """Set the weights to zero that masks leave out: after each step of an optimizer."""
    for layer in sparse_layers(network).values():
        layer.get_parameter("weight").mul_(layer.get_buffer("mask"))


@torch.no_grad()
def hold_gradients(network: nn.Module) -> None:
    """The same for gradients, so that left out weights have no part in their norm."""
    for layer in sparse_layers(network).values():
        gradient = layer.get_parameter("weight").grad
        if gradient is not None:
            gradient.mul_(layer.get_buffer("mask"))


def count_weights(network: nn.Module) -> tuple[int, int]:
    """Weights that are kept, and weights that the network would have without masks.

    Offsets and normalisation are counted too, lower feature layers, which only teach, are not.
    """
    whole = sum(weight.numel() for name, weight in network.named_parameters() if not name.startswith("below."))
    masks = [layer.get_buffer("mask") for layer in sparse_layers(network).values()]
    return whole - sum(int((~mask).sum()) for mask in masks), whole


def to_file(state: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, str]]:
    """A state as a weights file holds it, and how the positions of each sparse tensor are written.

    `conv4.weight` with `conv4.mask` becomes `conv4.weight.values`, as many as are kept, in the order of the weights,
    and `conv4.weight.positions`.
    """
    tensors, forms = {}, {}
    for name, tensor in state.items():
        mask = state.get(name.removesuffix("weight") + "mask") if name.endswith(".weight") else None
        if mask is not None:
            kept = mask.cpu().contiguous().flatten()
            forms[name], packed = pack(kept.numpy())
            tensors[f"{name}.values"] = tensor.contiguous().flatten()[kept.to(tensor.device)]
            tensors[f"{name}.positions"] = torch.from_numpy(packed)
        elif not name.endswith(".mask"):
            tensors[name] = tensor
    return tensors, forms


def from_file(tensors: dict[str, Tensor], forms: Mapping[str, str], network: nn.Module) -> dict[str, Tensor]:
    """The state of `network`, whose layers become sparse as the file says.

    Raises:
        ValueError: positions and values do not belong together or to this network.
        KeyError, AttributeError: a tensor or layer is missing.
    """
    state = dict(tensors)
    for name, form in forms.items():
        layer = network.get_submodule(name.removesuffix(".weight"))
        shape = layer.get_parameter("weight").shape
        values, positions = state.pop(f"{name}.values"), state.pop(f"{name}.positions")
        mask = torch.from_numpy(unpack(form, positions.numpy(), shape.numel()))
        if values.shape != (int(mask.sum()),):
            raise ValueError(f"{name}: {len(values)} values for {int(mask.sum())} positions")
        state[name] = torch.zeros(shape.numel()).masked_scatter_(mask, values.float()).reshape(shape)
        keep_only(layer, mask.reshape(shape))
        state[name.removesuffix("weight") + "mask"] = mask.reshape(shape)
    return state
