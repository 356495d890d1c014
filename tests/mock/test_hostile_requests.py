"""Whatever the bytes of a request, the response is one that the contract documents."""

import json
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from playbook3d_mock import Operation, Request
from playbook3d_mock._responses import UNDOCUMENTED
from support.mock_requests import CREDENTIALS, RUN, RUNS, STOP, TEAM, read_contract
from support.oracle import validate

# Near enough to valid requests to pass the first checks.
ODD = st.binary(max_size=30) | st.sampled_from([b"%zz", b"%ff", b"%2F", b"..", b"//", b"\x00", b"%F0%9F%98%80"])
SEGMENT = ODD | st.sampled_from([TEAM.encode(), RUN.encode(), b"teams", b"runs", b"pages"])
PATHS = st.lists(SEGMENT, max_size=5).map(lambda parts: b"/" + b"/".join(parts)) | st.just(STOP.encode()) | ODD
VALID_HEADERS = st.sampled_from([(name.lower().encode(), value.encode()) for name, value in CREDENTIALS.items()])
NAMES = st.sampled_from([b"authorization", b"x-key", b"accept", b"content-type", b"cookie", b"prefer", b"x-ids"])
PREFER = st.tuples(st.just(b"prefer"), st.sampled_from([b"code=400", b"code=418", b"code=\xb2", b'code="4', b'"']))
HEADERS = st.lists(VALID_HEADERS | PREFER | st.tuples(NAMES | ODD, ODD), max_size=6).map(tuple)
METHODS = st.sampled_from(["POST", "GET", "DELETE", "HEAD", "OPTIONS", "post", ""]) | st.text(max_size=8)

CONTRACT = read_contract("runs")


def documented_schemas(operation: Operation, status: int) -> list[Any]:
    """The JSON schemas of a response, found without the mock's own reading of the contract."""
    responses = CONTRACT["paths"][operation.path][operation.method.lower()]["responses"]
    response = responses.get(str(status)) or responses.get(f"{status // 100}XX") or {}
    if "$ref" in response:
        response = CONTRACT["components"]["responses"]["Problem"]
    return [media["schema"] for name, media in response.get("content", {}).items() if name.endswith("json")]


@settings(max_examples=150, deadline=None)
@given(st.builds(Request, METHODS, PATHS, ODD, HEADERS, ODD))
def test_any_bytes_get_a_documented_response(request: Request) -> None:
    verdict, response = RUNS.engine.judge(request), RUNS.handle(request)
    headers = {name.decode(): value.decode() for name, value in response.headers}
    assert all(re.fullmatch(r"[\x20-\x7e]*", value) for value in headers.values())
    if response.status == 204 or request.method == "HEAD":
        assert response.body == b""
        return
    assert int(headers["content-length"]) == len(response.body)
    if verdict.operation is None:
        assert response.status in {404, 405}
        assert json.loads(response.body) == {"result": verdict.text}
    else:
        is_documented = verdict.operation.responses.find(response.status) is not UNDOCUMENTED
        assert is_documented or response.status in {400, 401}
        for schema in documented_schemas(verdict.operation, response.status):
            validate(json.loads(response.body), schema, CONTRACT)
