import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.cases.personal import BIRTH, EMAIL, TELEPHONE, personal_data

PERSONAL = [
    ("write to jane.doe@example.org", [EMAIL]),
    ("Écrire à jean-pierre.dupont@exemple.fr.", [EMAIL]),
    ("jane.doe%40example.org", [EMAIL]),
    ("jane (at) example.co.uk", [EMAIL]),
    ("jean [arobase] exemple.fr", [EMAIL]),
    ("jane\uff20example.org", [EMAIL]),
    ("+33 6 12 34 56 78", [TELEPHONE]),
    ("appeler le 06 12 34 56 78 le matin", [TELEPHONE]),
    ("06.12.34.56.78", [TELEPHONE]),
    ("0612345678", [TELEPHONE]),
    ("01-23-45-67-89", [TELEPHONE]),
    ("0033 6 12 34 56 78", [TELEPHONE]),
    ("0033612345678", [TELEPHONE]),
    ("rang (415) 555-2671", [TELEPHONE]),
    ("415-555-2671", [TELEPHONE]),
    ("+1 (415) 555-2671", [TELEPHONE]),
    ("+442079460958", [TELEPHONE]),
    ("020 7946 0958", [TELEPHONE]),
    ("07700 900123", [TELEPHONE]),
    ("phone: 555 26 71 99", [TELEPHONE]),
    ("tél. 2671 55 99", [TELEPHONE]),
    ("Téléphone : 01 23 45 67 89", [TELEPHONE]),
    ("Jane Doe, 1985-03-12", [BIRTH]),
    ("Jean Dupont (12/03/1985)", [BIRTH]),
    ("DUPONT Jean 12.03.1985", [BIRTH]),
    ("Anne-Marie de La Tour, 7 novembre 1967", [BIRTH]),
    ("J. Dupont - 1er mars 2001", [BIRTH]),
    ("Éloïse Lefèvre, 12 mars 1985", [BIRTH]),
    ("Jane Doe, March 12, 1985", [BIRTH]),
    ("12/03/1985 Jane Doe", [BIRTH]),
    ("born on 12 March 2018", [BIRTH]),
    ("née le 12/03/85", [BIRTH]),
    ("né le 3 août 2019", [BIRTH]),
    ("date de naissance : 12/03/2017", [BIRTH]),
    ("date of birth 1985-03-12", [BIRTH]),
    ("DOB: 03/12/1985", [BIRTH]),
    ("Jane Doe (1985-03-12), jane@example.org, +33 6 12 34 56 78", [EMAIL, TELEPHONE, BIRTH]),
]
HARMLESS = [
    # references
    "DSR-2026-0042", "2026-000123", "20261128-0042", "REQ0612345678", "CNIL/2026/11/0042", "R-1", "1234567890", "0000012345",
    "0012345678", "7f9c2ba4e88f827d616045507605853e", "d9b2d63d-a233-4123-847a-1d2b3c4d5e6f", "EDPB 28/2024", "Az.: 12 C 345/26",
    "#2026.11.28.7", "ticket 415-2026-0001",
    # names of models, keys, revisions and addresses
    "mistralai/Mistral-7B-v0.1", "meta-llama/Llama-3.1-405B-Instruct-2407", "TheBloke/Llama-2-13B-chat-GGUF@v1.0", "gpt-4-0613",
    "Qwen/Qwen2.5-72B-Instruct-1M", "01-ai/Yi-1.5-34B-Chat-16K", "org/model@main", "650000000000000000000001", "phi-3.5-mini",
    "google/gemma-2-27b-it-2024-06-27", "deepseek-ai/DeepSeek-R1-0528", "microsoft/phone-llama-20240101",
    "https://huggingface.co/mistralai/Mistral-7B-v0.1/discussions/12", "h94/IP-Adapter 0.1.2", "bigscience/bloom-7b1",
    # dates of events and numbers
    "contacted Hugging Face on 2026-11-28", "Hugging Face, 28/11/2026", "relance envoyée le 03/12/2026 à 14:05",
    "01-02-2026 14:05", "rappel le 1er mars 2026",
    "Regulation (EU) 2016/679 of 27 April 2016", "Directive 95/46/EC of 24 October 1995",
    "loi Informatique et Libertés, 6 janvier 1978", "30 000 000 000 tokens", "2,048,123 downloads", "the reborn model of 2024",
    "answer by Mistral AI, 12 mars 2026", "weights of 12/2023",
    "arXiv 2410.16454", "10.5281/zenodo.1234567", "port 7687 on 127.0.0.1",
    "Opinion 28/2024, paragraphs 129-131", "+20 % downloads since 2026-01-01", "né de la fusion de deux modèles en 2024",
    "Model Card, 12/03/2024", "",
]  # fmt: skip


@pytest.mark.parametrize(("text", "kinds"), PERSONAL, ids=[text for text, _ in PERSONAL])
def test_what_looks_like_personal_data_is_found(text: str, kinds: list[str]) -> None:
    assert personal_data(text) == kinds
    assert personal_data(f"voir : {text} !") == kinds


@pytest.mark.parametrize("text", HARMLESS)
def test_references_models_and_dates_of_events_are_left_alone(text: str) -> None:
    assert personal_data(text) == []
    assert personal_data(f"see: {text}, twice") == []


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    assert set(personal_data(text)) <= {EMAIL, TELEPHONE, BIRTH}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["a.", "0", "+1 ", "12 ", "Jean ", "A-", "née le ", "jan ", "(", "a@b."])
def test_a_long_text_takes_no_longer_than_its_length(piece: str) -> None:
    assert isinstance(personal_data(piece * 20_000), list)
