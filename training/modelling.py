"""The built-in model's shape, in three sizes, as a ``transformers`` Qwen3-VL, and its forward pass for training.

The model class is the reference implementation itself, so that a checkpoint is a Qwen3-VL checkpoint and converts
like one. Only what it would compute for nothing is left out: logits are taken at the answers' tokens alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

import rows
import vocabulary


@dataclass(frozen=True)
class Size:
    """Lengths of one model size; the vision tower's FFN is four times its hidden length."""

    hidden: int
    layers: int
    heads: int
    kv_heads: int
    feed_forward: int
    vision_hidden: int
    vision_layers: int
    vision_heads: int
    taps: tuple[int, int, int]


SIZES = {
    "cpu": Size(256, 5, 4, 2, 512, 128, 4, 2, (0, 1, 2)),
    "deep": Size(256, 7, 4, 2, 1024, 128, 4, 2, (0, 1, 2)),
    "sharp": Size(256, 7, 4, 2, 1024, 192, 6, 6, (0, 1, 2)),
    "gpu": Size(512, 8, 8, 4, 1280, 256, 8, 4, (1, 3, 5)),
}
HEAD_DIM = 64
SECTIONS = [12, 10, 10]
CONTEXT = 8192
ROPE_THETA = 5e6
"""As Qwen3-VL: half of a head's dimensions then turn so slowly that contents match over a whole page."""
TABLE_SIDE = 24
"""Side of the learned position table: enough for 384 x 384 pixels; other grids are resampled from it."""


def config(size: Size) -> Qwen3VLConfig:
    """The configuration of ``size`` over the vocabulary of ``vocabulary.build``."""
    tokens = vocabulary.build()["tokenizer.ggml.tokens"]
    ids = {name: tokens.index(name) for name in vocabulary.CONTROL}
    return Qwen3VLConfig(
        text_config={
            "vocab_size": len(tokens),
            "hidden_size": size.hidden,
            "intermediate_size": size.feed_forward,
            "num_hidden_layers": size.layers,
            "num_attention_heads": size.heads,
            "num_key_value_heads": size.kv_heads,
            "head_dim": HEAD_DIM,
            "max_position_embeddings": CONTEXT,
            "rms_norm_eps": 1e-6,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": ROPE_THETA,
                "mrope_section": SECTIONS,
                "mrope_interleaved": True,
            },
            "tie_word_embeddings": True,
            "pad_token_id": ids["<|endoftext|>"],
            "eos_token_id": ids["<|im_end|>"],
            "bos_token_id": None,
        },
        vision_config={
            "depth": size.vision_layers,
            "hidden_size": size.vision_hidden,
            "intermediate_size": 4 * size.vision_hidden,
            "num_heads": size.vision_heads,
            "out_hidden_size": size.hidden,
            "deepstack_visual_indexes": list(size.taps),
            "num_position_embeddings": TABLE_SIDE**2,
            "patch_size": 16,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
            "in_channels": 3,
        },
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
        tie_word_embeddings=True,
    )


def build(size: Size) -> Qwen3VLForConditionalGeneration:
    """A fresh model: random weights, except that its first two layers already know how to copy."""
    settings = config(size)
    settings._attn_implementation = "sdpa"
    model = Qwen3VLForConditionalGeneration(settings)
    with torch.no_grad():
        _teach_copying(model.model.language_model, size)
    model.model.visual.patch_embed = _PatchProduct(model.model.visual.patch_embed.proj)
    return model


def _teach_copying(decoder: torch.nn.Module, size: Size) -> None:
    """Start from induction heads, which otherwise take hundreds of steps to arise.

    "In-context Learning and Induction Heads" (Olsson et al., 2022) describes the circuit. The residual stream is
    divided: places 0-63 hold the token itself, 64-127 the token before it, 128-191 the one before that, the last
    place a constant. Layer 0 has two heads that look one and two tokens back, by RoPE's fastest pairs turned
    against each other; layer 1 has heads that look where the tokens before are the present ones, in RoPE's slow
    pairs, and hand on the token found there. All of it is free to change in training.
    """
    token, before, second = slice(0, 64), slice(64, 128), slice(128, 192)
    embedding = decoder.embed_tokens.weight
    embedding.normal_(0, 0.15)
    embedding[:, token].normal_(0, 1.0)
    embedding[:, -1] = 5.0
    angles = ROPE_THETA ** (-torch.arange(0, 32) / 32)
    group = size.heads // size.kv_heads

    look_back = decoder.layers[0].self_attn
    fast = torch.tensor([1.0, 1.0, 0.7])
    key = torch.zeros(64)
    key[:3] = fast
    look_back.k_proj.weight[:64] = 0
    look_back.k_proj.weight[:64, -1] = key
    look_back.v_proj.weight[:64] = 0
    look_back.v_proj.weight[:64, token] = torch.eye(64)
    for head, (distance, place) in enumerate(((1, before), (2, second))[:group]):
        query = torch.zeros(64)
        query[:3] = fast * torch.cos(angles[:3] * distance)
        query[32:35] = -fast * torch.sin(angles[:3] * distance)
        rows = slice(64 * head, 64 * head + 64)
        look_back.q_proj.weight[rows] = 0
        look_back.q_proj.weight[rows, -1] = query
        look_back.o_proj.weight[:, rows] = 0
        look_back.o_proj.weight[place, rows] = 1.2 * torch.eye(64)

    match = decoder.layers[1].self_attn
    slow = torch.cat([torch.arange(14, 32), torch.arange(46, 64)])
    for kv_head in range(2):
        # Kept apart: heads of the first group match two tokens in a row, those of the second one token.
        width = len(slow) // 2 if kv_head == 0 else len(slow)
        found = [(before, token), (second, before)] if kv_head == 0 else [(before, token)]
        keys = slice(64 * kv_head, 64 * kv_head + 64)
        match.k_proj.weight[keys] = 0
        match.v_proj.weight[keys] = 0
        match.v_proj.weight[keys, token] = torch.eye(64)
        heads = range(kv_head * group, (kv_head + 1) * group)
        for head in heads:
            match.q_proj.weight[64 * head : 64 * head + 64] = 0
            match.o_proj.weight[:, 64 * head : 64 * head + 64] = 0
            match.o_proj.weight[token, 64 * head : 64 * head + 64] = 1.5 * torch.eye(64)
        for i, (there, here) in enumerate(found):
            chosen = torch.linalg.qr(torch.randn(64, 64))[0][:width]
            places = slow[i * width : (i + 1) * width]
            match.k_proj.weight[64 * kv_head + places, there] = chosen
            for head in heads:
                match.q_proj.weight[64 * head + places, here] = chosen
    # Later layers find tokens by other means than repetition; one group of heads there can hand them on at once.
    # Until they have learnt where to look they add the mean of the context: in all no more than layer 1 can outvote.
    gain = 2.1 / (size.layers - 2)
    for layer in decoder.layers[2:]:
        found_by_meaning = layer.self_attn
        found_by_meaning.v_proj.weight[64:128] = 0
        found_by_meaning.v_proj.weight[64:128, token] = torch.eye(64)
        for head in range(group, 2 * group):
            found_by_meaning.o_proj.weight[:, 64 * head : 64 * head + 64] = 0
            found_by_meaning.o_proj.weight[token, 64 * head : 64 * head + 64] = gain * torch.eye(64)
    for attention in (look_back, match):
        attention.q_norm.weight.fill_(1.7)
        attention.k_norm.weight.fill_(1.7)
    decoder.norm.weight.fill_(0.35)


def learn_in_rows(model: Qwen3VLForConditionalGeneration) -> None:
    """Attend as ``rows`` does from now on; a fresh model attends to all that came before."""
    model.model.language_model.config._attn_implementation = rows.NAME
    model.model.visual.config._attn_implementation = rows.NAME_OF_ALL


def compile_layers(model: Qwen3VLForConditionalGeneration) -> None:
    """Let torch fuse what each layer does: on a CPU most of a step is reading and writing activations."""
    for layer in model.model.language_model.layers:
        layer.compile(dynamic=True)
    for block in model.model.visual.blocks:
        block.mlp.compile(dynamic=True)


class _PatchProduct(torch.nn.Module):
    """The patch embedding as one product: each patch is met once, and a convolution's way back is slow."""

    def __init__(self, convolution: torch.nn.Conv3d) -> None:
        super().__init__()
        self.proj = convolution

    def forward(self, patches: torch.Tensor) -> torch.Tensor:
        """``[patches, 3 * 2 * patch * patch]`` to ``[patches, hidden]``."""
        return torch.nn.functional.linear(patches, self.proj.weight.flatten(1), self.proj.bias)


@dataclass(frozen=True)
class Inputs:
    """What the decoder is given for several conversations, and the way back from it.

    The vision tower and the embedding run once for all of them, the decoder for each alone. So the gradients of what
    they give are gathered first, then handed back in one go.
    """

    words: list[torch.Tensor]
    pictures: list[list[torch.Tensor]]
    outputs: list[torch.Tensor]

    def back(self) -> None:
        """Hand the gathered gradients back to the tower and the embedding."""
        leaves = [leaf for part in (self.words, *self.pictures) for leaf in part]
        pairs = [
            (o, leaf.grad) for o, leaf in zip(self.outputs, leaves, strict=True) if leaf.grad is not None
        ]
        torch.autograd.backward([output for output, _ in pairs], [grad for _, grad in pairs])


def inputs(
    model: Qwen3VLForConditionalGeneration,
    ids: list[torch.Tensor],
    patches: torch.Tensor | None,
    grids: torch.Tensor | None,
) -> Inputs:
    """Embeddings of several conversations and of their pictures.

    Args:
        model: to run.
        ids: ``[1, length]`` of each conversation.
        patches: ``[all patches, 3 * 2 * patch * patch]`` of all pictures in order, or ``None``.
        grids: ``[pictures, 3]`` in patches.
    """
    whole = model.get_input_embeddings()(torch.cat(ids, 1))
    words = list(torch.split(whole, [part.shape[1] for part in ids], 1))
    pictures: list[list[torch.Tensor]] = []
    if patches is not None:
        seen = model.model.get_image_features(patches, grids, return_dict=True)
        # Of each picture: its tokens, then what each tap adds.
        pictures = [list(parts) for parts in zip(seen.pooler_output, *seen.deepstack_features, strict=True)]
    outputs = [output for part in (words, *pictures) for output in part]
    leaf = iter([output.detach().requires_grad_() for output in outputs])
    return Inputs([next(leaf) for _ in words], [[next(leaf) for _ in part] for part in pictures], outputs)


def answer_states(
    model: Qwen3VLForConditionalGeneration,
    ids: torch.Tensor,
    positions: torch.Tensor,
    where: torch.Tensor,
    own: torch.Tensor,
    words: torch.Tensor,
    picture: list[torch.Tensor] | None = None,
) -> torch.Tensor:
    """Logits at chosen places of one conversation, whose questions do not see each other (``rows.attend``).

    Args:
        model: to run.
        ids: ``[1, length]``, the beginning and then the rows.
        positions: M-RoPE positions ``[3, 1, length]``.
        where: ``[1, length]`` bool, the places whose next token is wanted.
        own: ``[rows, 1, width, width]`` bool, what a row's tokens see of each other.
        words: ``[1, length, hidden]``, as ``inputs`` gives them.
        picture: its tokens and taps ``[tokens, hidden]``, as ``inputs`` gives them, if there is one.

    Returns:
        ``[places, vocabulary]``.
    """
    # A leading fourth row of plain places keeps transformers from taking M-RoPE positions for packed sequences.
    plain = torch.arange(ids.shape[1], device=ids.device).expand(1, *ids.shape)
    mask = torch.zeros(own.shape, dtype=torch.bfloat16, device=own.device).masked_fill_(~own, -torch.inf)
    there = ids == model.config.image_token_id
    embeds = words
    if picture is not None:
        embeds = words.masked_scatter(there[..., None], picture[0].to(words.dtype))
    states = model.model.language_model(
        inputs_embeds=embeds,
        attention_mask=mask,
        position_ids=torch.cat([plain, positions]),
        visual_pos_masks=there if picture is not None else None,
        deepstack_visual_embeds=picture[1:] if picture is not None else None,
        use_cache=False,
    ).last_hidden_state
    return model.lm_head(states[where])
