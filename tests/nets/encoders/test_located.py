"""What an encoder is told apart by: its files, wherever they lie."""

from __future__ import annotations

import hashlib
import json
import os

import pytest
from safetensors.torch import load_file, save_file

from serbench.canonical import canonical
from serbench.errors import EncoderError
from serbench.nets.encoders import files, identified, located, width_of
from serbench.nets.encoders.declared import WIDTHS


class TestShape:
    def test_of_sound(self, wavlm):
        found = located(str(wavlm))
        assert (found.model_type, found.reads, found.dims, found.layers) == (
            "wavlm",
            "audio",
            16,
            2,
        )
        assert found.folder == str(wavlm)

    def test_of_text(self, bert):
        found = located(str(bert))
        assert (found.model_type, found.reads, found.dims, found.layers) == ("bert", "text", 16, 2)

    def test_by_other_names(self, bert, copy, set_in):
        """DistilBERT calls its width "dim"; what config.json leaves out, transformers knows."""
        folder = copy(bert)
        config = json.loads((folder / "config.json").read_text())
        kept = {"vocab_size": config["vocab_size"], "dim": 8, "n_layers": 5}
        (folder / "config.json").write_text(json.dumps({"model_type": "distilbert", **kept}))
        found = located(str(folder))
        assert (found.reads, found.dims, found.layers) == ("text", 8, 5)

    @pytest.mark.parametrize(
        ("number", "place"), [(-1, 2), (2, 2), (0, 0), (-3, 0), (1, 1)], ids=str
    )
    def test_layers(self, wavlm, number, place):
        assert located(str(wavlm)).layer(number) == place

    @pytest.mark.parametrize("number", [3, -4])
    def test_no_such_layer(self, wavlm, number):
        with pytest.raises(EncoderError, match=f"layer {number} of a 'wavlm' with 2 layers"):
            located(str(wavlm)).layer(number)


class TestDigest:
    def test_by_hand(self, wavlm):
        names = ["config.json", "model.safetensors", "preprocessor_config.json"]
        pairs = [[name, hashlib.sha256((wavlm / name).read_bytes()).hexdigest()] for name in names]
        expected = hashlib.sha256(canonical(pairs).encode()).hexdigest()
        assert located(str(wavlm)).weights == expected

    def test_the_same_elsewhere(self, wavlm, bert, copy):
        assert located(str(copy(wavlm))).weights == located(str(wavlm)).weights
        assert located(str(copy(bert, "text"))).weights == located(str(bert)).weights

    def test_what_is_no_part_of_it(self, wavlm, copy):
        folder = copy(wavlm)
        for name in ("README.md", "pytorch_model.bin", "vocab.json", "training_args.json"):
            (folder / name).write_text("{}")
        assert located(str(folder)).weights == located(str(wavlm)).weights

    @pytest.mark.parametrize("name", ["config.json", "preprocessor_config.json"])
    def test_what_is_of_sound(self, wavlm, copy, set_in, name):
        folder = copy(wavlm)
        set_in(folder / name, remark="another")
        assert located(str(folder)).weights != located(str(wavlm)).weights

    @pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json"])
    def test_what_is_of_text(self, bert, copy, set_in, name):
        folder = copy(bert)
        set_in(folder / name, remark="another")
        assert located(str(folder)).weights != located(str(bert)).weights

    def test_weights_changed_under_way(self, wavlm, copy):
        folder = copy(wavlm)
        before = located(str(folder)).weights
        path = folder / "model.safetensors"
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)
        os.utime(path, ns=(1, 1))
        assert located(str(folder)).weights != before

    def test_in_pieces(self, wavlm, copy):
        folder = copy(wavlm)
        weights = load_file(folder / "model.safetensors")
        (folder / "model.safetensors").unlink()
        names = sorted(weights)
        parts = {"model-1.safetensors": names[::2], "model-2.safetensors": names[1::2]}
        for part, own in parts.items():
            save_file({name: weights[name] for name in own}, folder / part, {"format": "pt"})
        where = {name: part for part, own in parts.items() for name in own}
        index = folder / "model.safetensors.index.json"
        index.write_text(json.dumps({"metadata": {}, "weight_map": where}))
        before = located(str(folder)).weights
        save_file({name: weights[name] * 2 for name in names[::2]}, folder / "model-1.safetensors")
        assert located(str(folder)).weights != before
        (folder / "model-2.safetensors").unlink()
        with pytest.raises(EncoderError, match=r"that are not there: model-2\.safetensors"):
            located(str(folder))
        index.write_text(json.dumps({"weight_map": {"a": "../weights.safetensors"}}))
        with pytest.raises(EncoderError, match=r"not there: \.\./weights"):
            located(str(folder))

    def test_read_once(self, wavlm, copy, monkeypatch):
        folder = copy(wavlm)
        located(str(folder))
        monkeypatch.setattr(files.hashlib, "file_digest", None)
        assert located(str(folder)).weights == located(str(wavlm)).weights


class TestIdentity:
    def test_no_path_stands_in_a_trial(self, wavlm, bert, copy):
        settings = {
            "audio_encoder": str(wavlm),
            "text_encoder": str(bert),
            "text_encoder_revision": "v2",
            "hidden": 8,
            "other": "",
        }
        stand = identified(settings, "audio_encoder", "text_encoder", "other")
        assert stand == {
            "audio_encoder": "wavlm:" + located(str(wavlm)).weights[:16],
            "text_encoder": "bert:" + located(str(bert)).weights[:16],
            "text_encoder_revision": "",
            "hidden": 8,
            "other": "",
        }
        moved = settings | {"audio_encoder": str(copy(wavlm)), "text_encoder_revision": ""}
        assert identified(moved, "audio_encoder", "text_encoder") == stand
        assert settings["text_encoder_revision"] == "v2"

    def test_a_plain_revision(self, wavlm):
        stand = identified({"encoder": str(wavlm), "revision": "v2"}, "encoder")
        assert stand["revision"] == ""


class TestWidth:
    def test_of_a_folder(self, wavlm, copy):
        folder = copy(wavlm)
        (folder / "model.safetensors").unlink()  # no weights are needed
        assert width_of(str(folder)) == 16

    @pytest.mark.parametrize(
        ("name", "width"),
        [
            ("microsoft/wavlm-base-plus", 768),
            ("microsoft/wavlm-large", 1024),
            ("facebook/wav2vec2-xls-r-2b", 1920),
            ("facebook/hubert-xlarge-ll60k", 1280),
            ("bert-base-uncased", 768),
            ("google-bert/bert-large-cased", 1024),
            ("sentence-transformers/all-MiniLM-L6-v2", 384),
        ],
    )
    def test_of_the_best_known_without_files(self, name, width):
        assert width_of(name) == width

    def test_of_every_known_encoder(self):
        assert set(WIDTHS.values()) == {384, 768, 1024, 1280, 1920}

    def test_of_no_encoder(self, tmp_path):
        with pytest.raises(EncoderError, match=r"holds no config\.json"):
            width_of(str(tmp_path))


class TestRefusals:
    def refused(self, folder, words):
        with pytest.raises(EncoderError, match=words):
            located(str(folder))

    def test_an_empty_folder(self, tmp_path):
        self.refused(tmp_path, r"holds no config\.json: it is not the folder of an encoder")

    @pytest.mark.parametrize("content", ["{", "[1]", "\x00"])
    def test_no_json(self, wavlm, copy, content):
        folder = copy(wavlm)
        (folder / "config.json").write_text(content)
        self.refused(folder, r"config\.json (cannot be read|holds no JSON object)")

    def test_no_weights(self, wavlm, copy):
        folder = copy(wavlm)
        (folder / "model.safetensors").unlink()
        self.refused(folder, "holds no weights")

    def test_no_preprocessor(self, wavlm, copy):
        folder = copy(wavlm)
        (folder / "preprocessor_config.json").unlink()
        self.refused(folder, r"a 'wavlm' without its preprocessor_config\.json")

    def test_no_tokenizer(self, bert, copy):
        folder = copy(bert)
        (folder / "tokenizer.json").unlink()
        self.refused(folder, "a 'bert' without its tokenizer")

    def test_other_kinds_of_models(self, wavlm, copy, set_in):
        folder = copy(wavlm)
        whisper = {"model_type": "whisper", "is_encoder_decoder": True, "vocab_size": 9}
        (folder / "config.json").write_text(json.dumps(whisper))
        self.refused(folder, "a model of the type whisper")
        (folder / "config.json").write_text(json.dumps({"model_type": "vit"}))
        self.refused(folder, "a model of the type vit")

    def test_a_model_that_needs_foreign_code(self, wavlm, copy, tmp_path):
        folder = copy(wavlm)
        ran = tmp_path / "ran"
        code = {"AutoConfig": "own.Config", "AutoModel": "own.Model"}
        (folder / "config.json").write_text(json.dumps({"model_type": "own", "auto_map": code}))
        (folder / "own.py").write_text(f"open({str(ran)!r}, 'w')")
        self.refused(folder, "of the type own, which the installed transformers does not read")
        assert not ran.exists()
