#!/usr/bin/env python3
"""Forecasts of statsforecast's models, for the backtest to score beside its own.

usage: statsforecast_baselines.py JOBS < requests > replies

A request is a JSON line {"id", "values": [...], "origins": [...]}: values on an even 5-minute grid, and the indices of the first step to
forecast. A reply is a JSON line {"id", "method", "q": [per origin 12 rows of 6 quantiles, or null where the model failed], "cpu_ms"};
"cpu_ms" is the mean per forecast, fit included, since these models have no update. The context is the last 14 days, for AutoARIMA the
last 2: with more it takes minutes. Nothing at or after an origin is handed to a model.
"""
import os

for variable in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'NUMBA_NUM_THREADS'):
    os.environ.setdefault(variable, '1')  # CPU time per forecast means something only on one core

import json
import logging
import multiprocessing
import sys
import time
import warnings

warnings.filterwarnings('ignore')
logging.disable(logging.CRITICAL)

import numpy as np
from statsforecast.models import AutoARIMA, AutoETS, DynamicOptimizedTheta, MSTL

HORIZON = 12
DAY = 288
MODELS = {
    'sf_AutoARIMA': (lambda: AutoARIMA(season_length=1), 2 * DAY),
    'sf_AutoETS': (lambda: AutoETS(season_length=1), 14 * DAY),
    'sf_DOT': (lambda: DynamicOptimizedTheta(season_length=DAY), 14 * DAY),
    'sf_MSTL': (lambda: MSTL([DAY], trend_forecaster=AutoETS(model='ZZN')), 14 * DAY),
}


def forecast(make, context):
    """12 rows of the quantiles .025 .1 .5 .9 .95 .975, from the model's own bands; None when it fails."""
    try:
        bands = make().forecast(context, h=HORIZON, level=[80, 90, 95])
        rows = np.stack([bands['lo-95'], bands['lo-80'], bands['mean'], bands['hi-80'], bands['hi-90'], bands['hi-95']], 1)
        return rows.tolist() if np.isfinite(rows).all() else None
    except Exception:  # whatever a model dislikes about a series counts as its failure, and is reported as one
        return None


def warm_up():
    """Pays for compiling before anything is measured."""
    steps = np.arange(3 * DAY)
    context = 50 + 10 * np.sin(2 * np.pi * steps / DAY) + np.random.default_rng(0).normal(size=len(steps))
    for make, _ in MODELS.values():
        forecast(make, context)


def answer(line):
    request = json.loads(line)
    values = np.array(request['values'], dtype=float)
    replies = []
    for name, (make, longest) in MODELS.items():
        started = time.process_time()
        rows = [forecast(make, values[max(0, origin - longest):origin]) for origin in request['origins']]
        spent = 1000 * (time.process_time() - started) / len(rows)
        replies.append(json.dumps(dict(id=request['id'], method=name, q=rows, cpu_ms=spent)))
    return '\n'.join(replies)


def main():
    with multiprocessing.Pool(int(sys.argv[1]), initializer=warm_up) as pool:
        for replies in pool.imap(answer, sys.stdin):
            print(replies, flush=True)


if __name__ == '__main__':
    main()
