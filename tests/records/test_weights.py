"""Which files of a repository hold its weights."""

from typing import Any

import pytest

from crawler.records.weights import LEAST_SIZE, WeightFile, weight_files

SHA256 = "0123456789abcdef" * 4


def file(name: str, size: int = LEAST_SIZE, sha256: str = SHA256) -> dict[str, Any]:
    return {"rfilename": name, "size": size, "blobId": "b", "lfs": {"sha256": sha256, "size": size, "pointerSize": 135}}


@pytest.mark.parametrize(
    "name",
    [
        "model.safetensors",
        "model-00001-of-00002.safetensors",
        "pytorch_model.bin",
        "model.Q4_K_M.gguf",
        "unet/diffusion_pytorch_model.fp16.safetensors",
        "onnx/model.onnx",
        "onnx/model.onnx_data",
        "consolidated.00.pth",
        "tf_model.h5",
        "flax_model.msgpack",
        "rust_model.ot",
        "v1-5-pruned.ckpt",
        "weights/best.pt",
        "model.tflite",
        "MODEL.SAFETENSORS",
    ],
)
def test_a_file_of_weights_counts(name: str) -> None:
    assert weight_files([file(name)]) == (WeightFile(name, LEAST_SIZE, SHA256),)


@pytest.mark.parametrize(
    "name",
    [
        "tokenizer.model",
        "tokenizer.json",
        "openvino_tokenizer.bin",
        "vocab.bin",
        "sentencepiece.bpe.model",
        "optimizer.pt",
        "checkpoint-500/optimizer.bin",
        "scheduler.pt",
        "training_args.bin",
        "rng_state.pth",
        "rng_state_0.pth",
        "scaler.pt",
        "global_step10/zero_pp_rank_0_mp_rank_00_optim_states.pt",
        "global_step10/mp_rank_00_model_states.pt",
        "random_states_0.pkl",
        "model.imatrix.gguf",
        "mmproj-model-f16.gguf",
        "README.md",
        "video.mp4",
        "data.parquet",
    ],
)
def test_what_lies_beside_the_weights_does_not_count(name: str) -> None:
    assert weight_files([file(name)]) == ()


def test_a_small_file_and_one_without_a_hash_do_not_count() -> None:
    plain = {"rfilename": "model.safetensors", "size": LEAST_SIZE, "blobId": "b"}
    assert weight_files([file("a.safetensors", LEAST_SIZE - 1), plain]) == ()


def test_the_files_are_in_the_order_of_their_names_whatever_the_hub_says_first() -> None:
    listed = [file("b.safetensors"), file("a.safetensors")]
    assert [one.name for one in weight_files(listed)] == ["a.safetensors", "b.safetensors"]


@pytest.mark.parametrize(
    "siblings",
    [
        None,
        "model.safetensors",
        {"rfilename": "model.safetensors"},
        [None, 1, "model.safetensors", []],
        [file("model.safetensors") | {"lfs": "yes"}],
        [file("model.safetensors") | {"rfilename": ["model.safetensors"]}],
        [file("model.safetensors", sha256="0" * 63)],
        [file("model.safetensors", sha256=SHA256.upper())],
        [file("model.safetensors", size=2**63)],
        [{"rfilename": "model.safetensors", "lfs": {"sha256": SHA256, "size": True}}],
        [{"rfilename": "model.safetensors", "lfs": {"sha256": SHA256, "size": 1e9}}],
    ],
)
def test_a_list_that_is_none_holds_no_weights(siblings: Any) -> None:
    assert weight_files(siblings) == ()
