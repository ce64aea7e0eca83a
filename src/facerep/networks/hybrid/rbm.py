"""A classification RBM: a few numbers in, the probability of each class out, exactly.

    p(y, h | x) ~ exp(d_y + sum_j h_j (c_j + U_jy + sum_k W_jk x_k)),  h_j 0 or 1

The sum over all states of h has a closed form, so that p(y | x) and its gradient are exact, by the sum of softplus.
Source: Larochelle and Bengio, ICML 2008, section 3; Sun, Wang, Tang, ICCV 2013, section 3.3.
"""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor, nn


class ClassificationRBM(nn.Module):
    """An RBM with `hidden` binary units over `inputs` numbers and `classes` classes.

    Shapes: input float (n, inputs); output float (n, classes): logits, whose softmax is p(y | x).
    """

    def __init__(self, inputs: int, hidden: int, classes: int = 2) -> None:
        super().__init__()
        self.seen = nn.Parameter(torch.randn(hidden, inputs) / inputs**0.5)
        self.classes = nn.Parameter(torch.randn(hidden, classes) / classes**0.5)
        self.hidden_bias = nn.Parameter(torch.zeros(hidden))
        self.class_bias = nn.Parameter(torch.zeros(classes))

    def forward(self, inputs: Tensor) -> Tensor:
        driven = self.hidden_bias + inputs @ self.seen.T
        return self.class_bias + functional.softplus(driven[:, None, :] + self.classes.T).sum(dim=2)
