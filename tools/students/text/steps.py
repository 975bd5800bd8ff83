"""What our trainers do their own way: the order of rows, the loss, and the watch on held-out rows.

The classes here are mixed into `SFTTrainer` and `Seq2SeqTrainer`, which bring the optimizer, mixed
precision, several devices and checkpoints.
"""

from collections.abc import Sequence
from typing import Any

from tools.students.text.batches import IGNORED, Batch, Order


class Steps:
    """A mixin for trainers of transformers."""

    args: Any
    model: Any
    accelerator: Any
    callback_handler: Any
    state: Any
    control: Any
    lengths: Sequence[int]
    """Number of tokens per training row."""
    dev_batches: Sequence[Batch]
    """What to watch."""

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
        losses, _, targets, weights = self.token_losses(model, inputs)
        counted = (targets != IGNORED).sum() if num_items_in_batch is None else num_items_in_batch
        loss = (losses * weights).sum() / counted
        # Gradients are averaged over processes, and `counted` has the tokens of all of them.
        return loss if num_items_in_batch is None else loss * self.accelerator.num_processes

    def token_losses(self, model: Any, inputs: Batch) -> tuple[Any, Any, Any, Any]:
        """Return losses, whether the likeliest token is right, targets, and weights, per token."""
        import torch

        logits, targets, weights = self.scored(model, inputs)
        losses = torch.nn.functional.cross_entropy(
            logits.flatten(0, 1).float(), targets.flatten(), ignore_index=IGNORED, reduction="none"
        )
        return losses.view(targets.shape), logits.argmax(-1) == targets, targets, weights

    def scored(self, model: Any, inputs: Batch) -> tuple[Any, Any, Any]:
        """Return logits, the tokens they should have chosen, and weights, in one shape."""
        raise NotImplementedError

    def evaluate(self, *_args: Any, **_kwargs: Any) -> dict[str, float]:
        """Return loss, token accuracy and exact matches on the rows held out, and a score of both.

        An answer is an exact match if each of its tokens is the likeliest after the right ones
        before it: just then greedy decoding writes it. So one pass tells what generation would.
        """
        import torch

        self.model.eval()
        sums = torch.zeros(5, dtype=torch.float64, device=self.args.device)
        rank, world = self.accelerator.process_index, self.accelerator.num_processes
        for batch in self.dev_batches[rank::world]:
            inputs = {name: tensor.to(self.args.device) for name, tensor in batch.items()}
            with torch.no_grad(), self.accelerator.autocast():
                losses, right, targets, _ = self.token_losses(self.model, inputs)
            real = targets != IGNORED
            exact = (right | ~real).all(1)
            sums += torch.stack(
                [losses[real].sum(), right[real].sum(), real.sum(), exact.sum(), exact.numel()
                 * torch.ones((), device=exact.device)]
            ).double()  # fmt: skip
        loss, right, tokens, exact, rows = self.accelerator.reduce(sums).tolist()
        metrics = {
            "eval_loss": loss / tokens,
            "eval_accuracy": right / tokens,
            "eval_exact": exact / rows,
        }
        metrics["eval_score"] = (metrics["eval_accuracy"] + metrics["eval_exact"]) / 2
        self.state.log_history.append({**metrics, "step": self.state.global_step})
        self.control = self.callback_handler.on_evaluate(
            self.args, self.state, self.control, metrics
        )
        return metrics


class CausalSteps(Steps):
    """Scores completions after their prompts."""

    def scored(self, model: Any, inputs: Batch) -> tuple[Any, Any, Any]:
        """Return logits at the places before the tokens of completions, and no others.

        With large vocabularies the logits are much of the work, and prompts need none.
        """
        targets = inputs["labels"][:, 1:]
        places = (targets != IGNORED).any(0).nonzero().squeeze(1)
        logits = model(
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            use_cache=False,
            logits_to_keep=places,
        ).logits
        targets = targets[:, places]
        return logits, targets, inputs["weights"].expand_as(targets)


class Seq2SeqSteps(Steps):
    """Scores completions token by token, each after the right ones before it."""

    def scored(self, model: Any, inputs: Batch) -> tuple[Any, Any, Any]:
        """Return the logits of the decoder."""
        fed = ("input_ids", "attention_mask", "decoder_input_ids")
        logits = model(**{name: inputs[name] for name in fed}, use_cache=False).logits
        targets = inputs["labels"]
        return logits, targets, inputs["weights"].expand_as(targets)
