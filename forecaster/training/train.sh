#!/bin/sh
# Trains the global model from a folder of traces and puts it where the forecaster reads it.
set -eu
data=${1:?"usage: npx projen train:forecaster DATA (a folder with manifest.json, see docs/forecasting.md)"}
command -v python3 > /dev/null || { echo "train: python3 is not on PATH; install Python 3.10 or later with venv" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --requirement forecaster/training/requirements.txt
npx tsx forecaster/training/export.ts "$data" "$work/export"
"$work/venv/bin/python" forecaster/training/train.py "$work/export" forecaster/models/global/weights.json
