"""What our trainers do their own way: the order of rows, the loss, and the watch on held-out rows.

`Steps` is mixed into `SFTTrainer` and `Seq2SeqTrainer`, which bring the optimizer, mixed precision,
several devices and checkpoints.
"""

import math
from collections.abc import Sequence
from typing import Any

from tools.students.text.batches import FED, IGNORED, Batch, Order


class Steps:
    """A mixin for trainers of transformers."""

    args: Any
    model: Any
    accelerator: Any
    callback_handler: Any
    state: Any
    control: Any
    lengths: Sequence[int]
    """Number of tokens per training row, for rows of like length to share a batch; all alike where
    batches have no padding anyway."""
    dev_batches: Sequence[Batch]
    """What to watch; not packed, so that a line is a row."""

    def _get_train_sampler(self, train_dataset: Any = None) -> Order:  # noqa: ARG002
        return Order(self.lengths, self.args.train_batch_size, self.args.seed)

    def floating_point_ops(self, inputs: Any) -> int:  # noqa: ARG002
        """Count none: it takes a walk through the model at each step, and nobody reads it."""
        return 0

    def create_model_card(self, *_args: Any, **_kwargs: Any) -> None:
        """Write none: a checkpoint is for ourselves."""

    def compute_loss(
        self,
        model: Any,
        inputs: Batch,
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """Return the mean negative log-likelihood of the completions' tokens, weighted by row.

        The mean is over all tokens of a step, also where it takes several passes or processes.
        """
        assert not return_outputs
        losses, _, places = self._token_losses(model, inputs)
        total = (losses * inputs["weights"][places]).sum()
        if num_items_in_batch is None:
            return total / len(losses)
        # Gradients are averaged over processes, and the number has the tokens of all of them.
        return total / num_items_in_batch * self.accelerator.num_processes

    def _token_losses(self, model: Any, inputs: Batch) -> tuple[Any, Any, Any]:
        """Return losses and logits of the tokens to learn, and their places in the batch.

        Only the places before such tokens get logits: with a large vocabulary these are much of
        the work, and prompts need none.
        """
        import torch

        places = inputs["labels"] != IGNORED
        targets = inputs["labels"][places]
        # Whatever stands between hidden states and logits, as caps or scales, stays the model's.
        head = self.model.get_output_embeddings()
        hook = head.register_forward_pre_hook(lambda _, args: (args[0][places].unsqueeze(0),))
        try:
            fed = {name: inputs[name] for name in FED if name in inputs}
            logits = model(**fed, use_cache=False).logits[0].float()
        finally:
            hook.remove()
        losses = torch.nn.functional.cross_entropy(logits, targets, reduction="none")
        return losses, logits, places

    def evaluate(self, *_args: Any, **_kwargs: Any) -> dict[str, float]:
        """Return loss, token accuracy and exact matches on the rows held out, and a score of both.

        An answer is an exact match if each of its tokens is the likeliest after the right ones
        before it: just then greedy decoding writes it. So one pass tells what generation would.
        A loss that is no number any more is no look; `Watch` ends the training.
        """
        import torch

        self.model.eval()
        sums = torch.zeros(5, dtype=torch.float64, device=self.args.device)
        rank, world = self.accelerator.process_index, self.accelerator.num_processes
        for batch in self.dev_batches[rank::world]:
            inputs = {name: tensor.to(self.args.device) for name, tensor in batch.items()}
            with torch.no_grad(), self.accelerator.autocast():
                losses, logits, places = self._token_losses(self.model, inputs)
            right = logits.argmax(-1) == inputs["labels"][places]
            wrong = torch.zeros_like(places).masked_scatter(places, ~right).any(1)
            counts = (losses.sum(), right.sum(), len(right), (~wrong).sum(), len(wrong))
            sums += torch.tensor(counts, dtype=torch.float64, device=sums.device)
        loss, right, tokens, exact, rows = self.accelerator.reduce(sums).tolist()
        metrics = {
            "eval_loss": loss / tokens,
            "eval_accuracy": right / tokens,
            "eval_exact": exact / rows,
        }
        metrics["eval_score"] = (metrics["eval_accuracy"] + metrics["eval_exact"]) / 2
        if math.isfinite(metrics["eval_loss"]):
            self.state.log_history.append({**metrics, "step": self.state.global_step})
        self.callback_handler.on_log(self.args, self.state, self.control, dict(metrics))
        self.control = self.callback_handler.on_evaluate(
            self.args, self.state, self.control, metrics
        )
        return metrics
