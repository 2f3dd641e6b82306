"""Trains the boosted trees of the out-of-memory engine: train.py FEATURES OUT.json [hour|halfHour|reach|minutes ...] (LightGBM 4.6.0, numpy).

Without names all are trained; with names the others are kept as OUT.json has them.
"""
import json
import sys

import lightgbm
import numpy

FAR = 480  # minutes: the longest time to a kill that is told apart from none

source, target = sys.argv[1:3]
about = json.load(open(source + '.json'))
rows = numpy.fromfile(source, dtype=numpy.float32).reshape(-1, len(about['features']) + 1)
left, features = rows[:, 0], rows[:, 1:]
near = left < about['nearMinutes']
# Every other of the many rows far from a kill is enough; the weights make up for what is left out.
every = near | (numpy.arange(len(left)) % 2 == 0)
weight = numpy.where(near, about['nearStride'], 2 * about['farStride']).astype(float)
common = dict(learning_rate=0.06, num_leaves=16, min_data_in_leaf=300, feature_fraction=0.5, bagging_fraction=0.7, bagging_freq=1,
              lambda_l2=5, max_bin=127, verbose=-1, num_threads=1, seed=1, deterministic=True)


def train(rounds, chosen, label, **settings):
    data = lightgbm.Dataset(features[chosen], label[chosen], weight=weight[chosen])
    return lightgbm.train({**common, **settings}, data, rounds)


def packed(model):
    """Trees as flat lists: children >= 0 are splits, below are leaves (-1 is the first); all numbers are places in the whole list."""
    out = dict(roots=[], feature=[], threshold=[], left=[], right=[], missingLeft=[], leaf=[])

    def add(node):
        if 'leaf_value' in node:
            out['leaf'].append(float('%.5g' % node['leaf_value']))
            return -len(out['leaf'])
        assert node['decision_type'] == '<='
        at = len(out['feature'])
        out['feature'].append(node['split_feature'])
        out['threshold'].append(float('%.7g' % node['threshold']))
        missing_left = node['default_left'] if node['missing_type'] == 'NaN' else node['threshold'] >= 0
        out['missingLeft'].append(1 if missing_left else 0)
        out['left'].append(0)
        out['right'].append(0)
        out['left'][at] = add(node['left_child'])
        out['right'][at] = add(node['right_child'])
        return at

    out['roots'] = [add(tree['tree_structure']) for tree in model.dump_model()['tree_info']]
    return out


recipes = dict(
    hour=lambda: train(200, every, (left <= 60).astype(int), objective='binary'),
    halfHour=lambda: train(60, left <= 60, (left <= 30).astype(int), objective='binary'),
    reach=lambda: train(40, every, (left <= FAR).astype(int), objective='binary'),
    minutes=lambda: train(80, every & (left <= FAR), left, objective='regression_l1'),
)
names = sys.argv[3:] or list(recipes)
models = {} if len(names) == len(recipes) else json.load(open(target))['models']
for name in names:
    models[name] = packed(recipes[name]())
with open(target, 'w') as file:
    json.dump(dict(version=1, features=about['features'], farMinutes=FAR, models=models), file, separators=(',', ':'))
    file.write('\n')
print(len(left), 'rows')
