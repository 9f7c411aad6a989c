"""The tutorial's published algorithm in our own words: the peer that other benchmarks are measured against.

    python benchmarks/_tutorial_program.py FILE [EPOCHS]

All jokes are joined and split on spaces; every window of 4 words is an item of a DataLoader, 256 windows a batch. The
first axis of the LSTM is time but is given the windows, so its time runs along the batch: 4 streams of 256 words, each
one word behind the next. Three layers of 128, dropout 0.2, Adam 0.001, 10 epochs, the loss printed for each batch.
"""

from __future__ import annotations

import json
import sys
from collections import Counter

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

WINDOW = 4
BATCH = 256
SIZE = 128
LAYERS = 3


class Windows(Dataset[tuple[Tensor, Tensor]]):
    """Every window of the text with the same window one word later."""

    def __init__(self, words: list[str]) -> None:
        """Number the words by how frequent they are."""
        self.words = [word for word, _ in Counter(words).most_common()]
        self.numbers = {word: number for number, word in enumerate(self.words)}
        self.text = [self.numbers[word] for word in words]

    def __len__(self) -> int:
        return len(self.text) - WINDOW

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return torch.tensor(self.text[index : index + WINDOW]), torch.tensor(self.text[index + 1 : index + WINDOW + 1])


class Network(nn.Module):
    """Embedding, LSTM and an output layer of its own."""

    def __init__(self, vocabulary: int) -> None:
        """Initialise as PyTorch does."""
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, SIZE)
        self.lstm = nn.LSTM(SIZE, SIZE, LAYERS, dropout=0.2)
        self.output = nn.Linear(SIZE, vocabulary)

    def forward(self, words: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Read ``words``; their first axis is taken for time."""
        read, state = self.lstm(self.embedding(words), state)
        return self.output(read), state


def zero_state(width: int) -> tuple[Tensor, Tensor]:
    """Return the state before any word."""
    return torch.zeros(LAYERS, width, SIZE), torch.zeros(LAYERS, width, SIZE)


def train(network: Network, windows: Windows, epochs: int) -> list[float]:
    """Train, print every batch's loss, and return the mean loss of each epoch."""
    network.train()
    loader = DataLoader(windows, batch_size=BATCH)
    loss_of = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.001)
    means: list[float] = []
    for epoch in range(epochs):
        state = zero_state(WINDOW)
        losses: list[float] = []
        for batch, (read, wanted) in enumerate(loader):
            optimizer.zero_grad()
            logits, (h, c) = network(read, state)
            loss = loss_of(logits.transpose(1, 2), wanted)
            state = h.detach(), c.detach()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            print({"epoch": epoch, "batch": batch, "loss": loss.item()})
        means.append(float(np.mean(losses)))
    return means


def predict(network: Network, windows: Windows, prompt: str, count: int) -> list[str]:
    """Add ``count`` words to ``prompt`` one by one, reading the last few again for each and keeping gradients on."""
    network.eval()
    words = prompt.split(" ")
    state = zero_state(len(words))
    for index in range(count):
        read = torch.tensor([[windows.numbers[word] for word in words[index:]]])
        logits, state = network(read, state)
        chances = torch.nn.functional.softmax(logits[0][-1], dim=0).detach().numpy()
        words.append(windows.words[np.random.choice(len(chances), p=chances)])  # noqa: NPY002 as the tutorial draws
    return words


def read(path: str) -> Windows:
    """Join the jokes of the file and split them on spaces."""
    return Windows(pd.read_csv(path)["Joke"].str.cat(sep=" ").split(" "))


def main() -> None:
    windows = read(sys.argv[1])
    epochs = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    network = Network(len(windows.words))
    print("Epoch means:", json.dumps(train(network, windows, epochs)))


if __name__ == "__main__":
    main()
