"""A tiny SigLIP with random weights and a tokeniser, as transformers saves them."""

from pathlib import Path

import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers

WORDS = ("<pad>", "<unk>", "this", "is", "a", "photo", "of", ".", "rain", "dog", "barking")


def save_tiny_siglip(folder: Path) -> Path:
    torch.manual_seed(1)
    shared = {"hidden_size": 48, "intermediate_size": 96, "num_hidden_layers": 2}
    shared |= {"num_attention_heads": 2}
    config = transformers.SiglipConfig(
        text_config=shared | {"vocab_size": len(WORDS), "max_position_embeddings": 16},
        vision_config=shared | {"image_size": 64, "patch_size": 16},
    )
    model = transformers.SiglipModel(config).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn_like(weight) * 0.05)
    model.save_pretrained(folder)
    words = models.WordLevel({word: at for at, word in enumerate(WORDS)}, unk_token="<unk>")
    tokenizer = Tokenizer(words)
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", unk_token="<unk>"
    ).save_pretrained(folder)
    return folder
