"""A head learns a heat map, whatever weights it begins with."""

import torch

from facerep.tracking.heads import Head
from facerep.tracking.selection import heat_map


def test_no_head_stays_silent():
    heats = torch.stack([heat_map(9, (place, 4.0), (1.0, 1.0)) for place in (3.0, 4.0, 5.0, 6.0)])
    maps = torch.randn(4, 288, 9, 9, generator=torch.Generator().manual_seed(0))
    maps[:, :36] += heats[:, None]
    maps = maps.relu()
    maps /= (maps**2).mean().sqrt()
    for seed in range(3):
        head = Head(288, torch.Generator().manual_seed(seed))
        head.teach(maps, heats, 60)
        with torch.no_grad():
            left = ((head(maps) - heats) ** 2).mean() / (heats**2).mean()
        assert left < 0.1  # with first weights ten times as large 0.17, 0.75 and 0.96 are left
