"""Trains the global model: `python train.py EXPORT WEIGHTS`, EXPORT being the folder that export.ts wrote.

One boosted ensemble per level under the pinball loss, on what the local forecast leaves. Every series counts the same however wild or long
it is: its examples share one weight, and losses are measured against that of its own plain quantile. Seeded, one result for a given LightGBM.
"""

import base64
import json
import os
import sys

import lightgbm
import numpy

# Levels and their sizes: the median and what capacity is bought by get most trees.
HEADS = {0.025: 150, 0.1: 150, 0.5: 400, 0.9: 400, 0.95: 400, 0.975: 150}
PARAMETERS = {
    "objective": "quantile", "num_leaves": 31, "learning_rate": 0.06, "min_data_in_leaf": 300, "feature_fraction": 0.5, "bagging_fraction": 0.5,
    "bagging_freq": 1, "lambda_l2": 5, "seed": 20261121, "deterministic": True, "force_row_wise": True, "num_threads": 2, "verbose": -1,
}
LARGEST_TARGET = 60
NODE_FIELDS = {"nodeStart": "<i4", "leafStart": "<i4", "feature": "u1", "threshold": "<f4", "left": "<i2", "right": "<i2", "missingLeft": "u1", "leaf": "<f4"}


def load(folder):
    with open(os.path.join(folder, "meta.json"), encoding="utf-8") as file:
        meta = json.load(file)
    rows = numpy.fromfile(os.path.join(folder, "rows.f32"), dtype="<f4").reshape(-1, meta["width"])
    width = len(meta["features"])
    features, base, target, series = rows[:, :width], rows[:, width], rows[:, width + 1].astype(float), rows[:, width + 2].astype(int)
    moves = numpy.array([numpy.abs(target[series == number]).mean() for number in range(series.max() + 1)])
    kept = moves[series] > 1e-6
    residual = numpy.clip(target, -LARGEST_TARGET, LARGEST_TARGET) - base
    return meta["features"], features[kept], residual[kept], target[kept], series[kept]


def weights(target, series, level):
    """One weight per example: the loss of a series at a level counts in units of what its own unconditional quantile would lose."""
    result = numpy.zeros(len(target))
    for number in numpy.unique(series):
        own = series == number
        off = target[own] - numpy.quantile(target[own], level)
        loss = numpy.maximum(level * off, (level - 1) * off).mean()
        short = own.sum() < 1000  # a short series says less
        result[own] = (0.5 if short else 1.0) / max(loss, 1e-3) / own.sum()
    return result / result.mean()


def flatten(tree, table):
    """Appends one tree; children are node numbers within the tree, or -1 - leaf."""
    nodes, leaves = [], []

    def visit(node):
        if "leaf_value" in node:
            leaves.append(node["leaf_value"])
            return -len(leaves)
        at = len(nodes)
        nodes.append(None)
        if node["decision_type"] != "<=" or node["missing_type"] not in ("NaN", "None"):
            raise ValueError(f"a split that the reader does not know: {node['decision_type']}, missing {node['missing_type']}")
        # Without missing values in training a missing one counts as 0.
        left = node["default_left"] if node["missing_type"] == "NaN" else node["threshold"] >= 0
        left_child = visit(node["left_child"])
        nodes[at] = (node["split_feature"], node["threshold"], left_child, visit(node["right_child"]), int(left))
        return at

    visit(tree)
    for name, column in zip(("feature", "threshold", "left", "right", "missingLeft"), zip(*nodes) if nodes else [[]] * 5):
        table[name].extend(column)
    table["leaf"].extend(leaves)
    table["nodeStart"].append(len(table["feature"]))
    table["leafStart"].append(len(table["leaf"]))


def main(folder, path):
    features, rows, residual, target, series = load(folder)
    table = {name: [0] if name.endswith("Start") else [] for name in NODE_FIELDS}
    heads = []
    for level, rounds in HEADS.items():
        data = lightgbm.Dataset(rows, residual, weight=weights(target, series, level), feature_name=list(features), free_raw_data=False)
        model = lightgbm.train({**PARAMETERS, "alpha": level}, data, rounds)
        dumped = model.dump_model()["tree_info"]
        for tree in dumped:
            flatten(tree["tree_structure"], table)
        heads.append({"level": level, "trees": len(dumped)})
        gain = sorted(zip(model.feature_importance("gain"), features), reverse=True)[:8]
        print(f"level {level}: {len(dumped)} trees; most useful: {', '.join(name for _, name in gain)}", file=sys.stderr, flush=True)
    # A threshold beyond single precision separates missing values from all others: as infinity it still does.
    with numpy.errstate(over="ignore"):
        columns = {name: numpy.array(table[name], dtype=kind) for name, kind in NODE_FIELDS.items()}
    packed = {name: base64.b64encode(column.tobytes()).decode() for name, column in columns.items()}
    temporary = f"{path}.partial"
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump({"version": 1, "features": features, "heads": heads, "table": packed}, file, indent=1)
        file.write("\n")
    os.replace(temporary, path)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python train.py EXPORT WEIGHTS")
    main(sys.argv[1], sys.argv[2])
