"""The weighted mean of two networks that were trained one from the other: average.py ONE OTHER SHARE OUT.

Networks on one path of training lie in one basin, and the point between them often reads better than either (Wortsman
et al. 2022, "Model soups"). SHARE is the weight of OTHER.
"""

from __future__ import annotations

import sys

from safetensors.torch import load_file, save_file


def main() -> None:
    one, other, share, out = sys.argv[1:5]
    a, b, w = load_file(one), load_file(other), float(share)
    save_file({name: (a[name] * (1 - w) + b[name] * w).contiguous() for name in a}, out)


if __name__ == "__main__":
    main()
