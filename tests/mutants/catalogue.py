"""The deliberate bugs: what each does, where, and the property that it breaks. No two break the same."""

from dataclasses import dataclass

from mutants.changes import REMOVED, Code, Document, Having

CLIENT = "overrides/playbook3d_client"
API = "generated/playbook3d_api"
MOCK = "tests/playbook3d_mock"
CONTRACT = "generated/openapi.yaml"
PUBLISHED = "openapi/playbook.yaml"
OVERLAY = "overrides/overlay.yaml"
PIPELINE = "openapi/contract"
SUITE = "tests/conformance"

CANCEL = ("paths", "/cancel/{team_id}/{run_id}", "post")


@dataclass(frozen=True)
class Mutant:
    """A bug; ``generate`` says that ``generated/`` is made anew with it."""

    where: str
    what: str
    change: Code | Document
    killed_by: str
    generate: bool = False


def _client(what: str, module: str, within: str, old: str, new: str, killed_by: str) -> Mutant:
    return Mutant("client", what, Code(f"{CLIENT}/{module}.py", within, old, new), f"tests/test_client_{killed_by}")


def _generated(what: str, module: str, within: str, old: str, new: str, killed_by: str) -> Mutant:
    return Mutant("generated code", what, Code(f"{API}/{module}.py", within, old, new), f"tests/{killed_by}")


def _mock(what: str, module: str, within: str, old: str, new: str, killed_by: str) -> Mutant:
    return Mutant("mock", what, Code(f"{MOCK}/{module}.py", within, old, new), f"tests/{killed_by}")


def _overlay(what: str, steps: tuple[str | Having, ...], new: object, killed_by: str) -> Mutant:
    return Mutant("overlay", what, Document(OVERLAY, steps, new), f"tests/{killed_by}", generate=True)


MUTANTS = [
    # What is sent
    _generated(
        "the arguments of the path are swapped",
        "api/workflows/cancel_run",
        "_get_kwargs",
        '"/cancel/{team_id}/{run_id}".format('
        'team_id=quote(str(team_id), safe=""), run_id=quote(str(run_id), safe=""))',
        '"/cancel/{team_id}/{run_id}".format('
        'team_id=quote(str(run_id), safe=""), run_id=quote(str(team_id), safe=""))',
        "conformance/test_requests.py::test_what_schemathesis_draws_the_client_sends_and_the_mock_accepts",
    ),
    _generated(
        "a path parameter is not quoted",
        "api/workflows/cancel_run",
        "_get_kwargs",
        'quote(str(run_id), safe="")',
        "str(run_id)",
        "conformance/test_requests.py::test_a_hostile_string_is_one_value_of_its_parameter_or_is_refused",
    ),
    _generated(
        "a bound method takes one argument for the other",
        "api/__init__",
        "AsyncWorkflowsApi.cancel_run",
        '_uuid("team_id", team_id)',
        '_uuid("team_id", run_id)',
        "test_client_calls.py::test_a_uuid_in_any_spelling_is_sent_in_the_canonical_one",
    ),
    _generated(
        "what is no UUID is sent",
        "api/__init__",
        "_uuid",
        "raise ValueError(f\"{name} must be a UUID, not {value!r}\") from None",
        "return value",
        "test_client_calls.py::test_what_is_not_a_uuid_is_refused_by_name_before_anything_is_sent",
    ),
    _client(
        "a call goes to another server than the contract names", "_policy", "exchange",
        "settings.base_url or operation.servers[0]", 'settings.base_url or "https://playbook3d.com"',
        "options.py::test_the_credentials_go_to_the_server_of_the_contract_or_to_the_base_url_that_is_given",
    ),
    _client(
        "of two credentials one is dropped", "_credentials", "Credentials.for_",
        "[SCHEMES[name] for name in alternative]", "[SCHEMES[name] for name in alternative[:1]]",
        "calls.py::test_a_call_sends_one_request_with_both_credentials_and_returns_the_model",
    ),
    _client(
        "the environment is not read", "_credentials", "Credentials.__init__",
        "environment.get(source) or None", "None",
        "calls.py::test_the_environment_fills_in_what_is_not_given",
    ),
    _client(
        "'Bearer ' is sent twice", "_credentials", "usable",
        "value[7:]", "value",
        "construction.py::test_a_leading_bearer_is_mended",
    ),
    _client(
        "a line end in a credential is sent", "_credentials", "usable",
        "_USABLE.fullmatch(value)", "True",
        "construction.py::test_a_credential_that_no_header_can_carry_is_refused_and_not_shown",
    ),
    _client(
        "a path parameter may be '..'", "_routes", "Route.refuse_another_path",
        '("", ".", "..")', '("",)',
        "calls.py::test_no_path_parameter_leads_to_another_path",
    ),
    _client(
        "a redirect is followed", "_sender", "Sender.send",
        "self._http.send(request, stream=True, auth=_NO_AUTH, follow_redirects=False)",
        "self._http.send(request, stream=True, auth=_NO_AUTH, follow_redirects=True)",
        "known_bugs.py::test_a_key_that_follows_a_redirect_to_another_origin",
    ),
    _client(
        "the user's httpx client replaces the token by its own auth", "_sender", "AsyncSender.send",
        "self._http.send(request, stream=True, auth=_NO_AUTH, follow_redirects=False)",
        "self._http.send(request, stream=True, follow_redirects=False)",
        "calls.py::test_the_callers_own_httpx_client_keeps_its_headers_and_hooks_but_not_its_redirects_and_auth",
    ),
    _client(
        "sync and async are mixed: either kind of httpx client is taken", "_client", "",
        "isinstance(http_client, self._http_type | None)",
        "isinstance(http_client, httpx.Client | httpx.AsyncClient | None)",
        "construction.py::test_an_httpx_client_of_the_wrong_kind_is_refused",
    ),
    _client(
        "a token is not awaited", "_sender", "AsyncSender.ask",
        'await cast(Awaitable[object], token) if hasattr(token, "__await__") else token', "token",
        "tokens.py::test_the_function_of_an_async_client_may_be_awaited",
    ),
    # What comes of an answer
    _client(
        "402 is folded into 400", "_errors", "",
        "{400: BadRequestError, 401: AuthenticationError, 402: PaymentRequiredError, 403: PermissionDeniedError, "
        "404: NotFoundError, 409: ConflictError, 422: UnprocessableEntityError, 429: RateLimitError}",
        "{400: BadRequestError, 401: AuthenticationError, 402: BadRequestError, 403: PermissionDeniedError, "
        "404: NotFoundError, 409: ConflictError, 422: UnprocessableEntityError, 429: RateLimitError}",
        "calls.py::test_each_status_has_its_error",
    ),
    Mutant(
        "client",
        "500 is no InternalServerError",
        Code(f"{CLIENT}/_errors.py", "APIStatusError.of", "response.status_code >= 500", "response.status_code > 500"),
        "tests/conformance/test_responses.py::"
        "test_each_documented_status_is_what_the_mock_answers_and_the_client_understands",
    ),
    _client(
        "an undeclared 2xx is a success", "_policy", "_model",
        "success.low <= status <= success.high", "True",
        "calls.py::test_a_success_that_the_contract_does_not_declare_is_an_error",
    ),
    _client(
        "a list is taken for an empty model", "_policy", "_checked",
        "type(value) not in success.types", "False",
        "known_bugs.py::test_a_list_that_is_taken_for_an_empty_model",
    ),
    _client(
        "a broken body hides its status", "_policy", "_settled",
        "response is None or response.is_success", "True",
        "known_bugs.py::test_an_answer_in_broken_gzip_that_is_no_error_of_the_sdk",
    ),
    _generated(
        "a model forgets what the contract does not know", "models/cancel_run_result", "CancelRunResult.from_dict",
        "cancel_run_result.additional_properties = d", "cancel_run_result.additional_properties = {}",
        "test_client_answers.py::test_what_the_contract_does_not_know_is_kept",
    ),
    _generated(
        "a model is made of another property", "models/cancel_run_result", "CancelRunResult.from_dict",
        'd.pop("message", UNSET)', 'd.pop("result", UNSET)',
        "conformance/test_responses.py::test_a_valid_answer_is_the_declared_model_or_error_value_for_value",
    ),
    _generated(
        "a body that is no JSON is taken for an empty model", "api/workflows/cancel_run", "_parse_response",
        "response_200 = CancelRunResult.from_dict(response.json())",
        "response_200 = CancelRunResult.from_dict({})",
        "conformance/test_responses.py::test_an_invalid_answer_is_a_documented_error_or_a_model_that_holds_it",
    ),
    # Retries and tokens
    _client(
        "what may not be repeated is", "_policy", "_delay",
        "operation.idempotent", "True",
        "retries.py::test_an_operation_that_is_not_idempotent_is_not_played_twice",
    ),
    _client(
        "409 is repeated", "_retries", "delay_before_next",
        "status not in _PASSING", "status not in {*_PASSING, 409}",
        "retries.py::test_no_other_status_is_repeated",
    ),
    _client(
        "a Retry-After of an hour is slept through", "_retries", "delay_before_next",
        "pause <= _LONGEST_PAUSE", "True",
        "retries.py::test_a_retry_after_that_is_too_long_is_the_callers_to_wait_for",
    ),
    _client(
        "what cannot be sent is tried again", "_policy", "",
        "_LASTING = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)", "_LASTING = ()",
        "retries.py::test_what_would_fail_again_is_not_repeated",
    ),
    _client(
        "nothing is mended on 401", "_credentials", "Carried.expire",
        "self.source.expire(self._tokens[-1])\nreturn True", "return False",
        "tokens.py::test_after_a_401_a_token_is_fetched_afresh_and_the_call_repeated_once",
    ),
    _client(
        "a thread fetches again what has just been fetched", "_tokens", "CachedToken.__call__",
        "self._landed[0] == before", "True",
        "tokens.py::test_a_fetch_that_lands_while_another_thread_looks_is_not_made_again",
    ),
    _client(
        "a token is used until its last second", "_tokens", "_end",
        "expiry - min(_MARGIN, (expiry - now) / 10)", "expiry",
        "tokens.py::test_a_token_is_kept_until_shortly_before_it_ends",
    ),
    # Secrets and options
    _client(
        "a secret is logged", "_policy", "_log_attempt",
        'one_line(f"{request.method} {request.url.path}: {what}, request id {request_id}", carried.mask)',
        'f"{request.method} {request.url.path}: {what}, request id {request_id}"',
        "options.py::test_no_log_of_any_library_shows_a_credential",
    ),
    _client(
        "a secret stands in an error", "_policy", "_told",
        "_masked(json.loads(text), carried.mask)", "json.loads(text)",
        "calls.py::test_no_error_and_no_pickle_of_one_shows_a_credential",
    ),
    _client(
        "a secret stands in a repr", "_credentials", "Credentials.__repr__",
        "f'{name}={_MASK}'", "f'{name}={self.values.get(name)}'",
        "construction.py::test_a_client_shows_its_base_url_and_no_secret",
    ),
    _client(
        "an error unpickles as another", "_errors", "_ResponseError.__reduce__",
        "type(self)", "APIStatusError",
        "calls.py::test_errors_pickle_and_copy",
    ),
    _client(
        "a call waits for half an hour", "_client", "",
        "httpx.Timeout(30.0, connect=5.0)", "httpx.Timeout(1800.0, connect=5.0)",
        "calls.py::test_the_default_timeout_is_thirty_seconds_and_five_to_connect",
    ),
    # The mock
    _mock(
        "405 comes without Allow", "_engine", "_fields",
        'if verdict.allow:\n    found.append((b"allow", ", ".join(verdict.allow).encode("ascii")))', "pass",
        "test_mock_engine.py::test_another_method_is_answered_405_with_allow",
    ),
    _mock(
        "a UUID that is none is accepted", "_schemas", "",
        "jsonschema_rs.Draft202012Validator("
        '{"$ref": reference}, registry=self._registry, validate_formats=True, mask="the value", offline=True)',
        "jsonschema_rs.Draft202012Validator("
        '{"$ref": reference}, registry=self._registry, validate_formats=False, mask="the value", offline=True)',
        "conformance/test_server.py::test_the_mock_passes_every_check",
    ),
    _mock(
        "a wrong credential is accepted", "_security", "Scheme.problem",
        "compare_digest(found, self.secret)", "compare_digest(found[:1], self.secret[:1])",
        "test_mock_engine.py::test_both_credentials_must_be_right",
    ),
    _mock(
        "of a field that is sent twice the first line counts", "_request", "Request.header",
        'b", ".join(values).strip(b" \\t")', 'values[0].strip(b" \\t")',
        "test_mock_engine.py::test_repeated_credentials_are_refused",
    ),
    _mock(
        "a reply to HEAD has content", "_engine", "Engine.reply",
        'Reply(status, reply.headers) if request.method == "HEAD" else reply', "reply",
        "test_mock_engine.py::test_a_reply_to_head_has_no_body_but_its_length",
    ),
    _mock(
        "over a socket the path is decoded before it is judged", "_adapters", "_request",
        'scope.get("raw_path") or scope["path"].encode("utf-8")', 'scope["path"].encode("utf-8")',
        "test_mock_adapters.py::test_the_asgi_application_answers_as_the_transport_does",
    ),
    _mock(
        "an undocumented status can be had", "_engine", "_judge_input",
        "not _STATUS.fullmatch(code) or not operation.replies.documents(int(code))", "not _STATUS.fullmatch(code)",
        "test_mock_engine.py::test_a_status_that_is_not_documented_cannot_be_preferred",
    ),
    # Overlay, contract, pipeline
    _overlay(
        "the action that asks for the API key is lost",
        ("actions", Having("description", "Operations that declare x-api-key require")), REMOVED,
        "conformance/test_requests.py::test_what_goes_over_the_wire_is_valid_under_the_published_contract",
    ),
    _overlay(
        "the action that calls the operation idempotent is lost",
        ("actions", Having("update", "x-idempotent")), REMOVED,
        "test_client_retries.py::test_a_failure_that_passes_does_not_show",
    ),
    _overlay(
        "another server is named",
        ("actions", Having("update", "servers"), "update", "servers"), [{"url": "https://example.com"}],
        "test_contract_generate.py::test_the_effective_contract_says_what_the_published_one_leaves_unsaid",
    ),
    _overlay(
        "the sample for curl leaves out a credential",
        ("actions", Having("target", "'cURL'"), "update", "source"),
        'curl -X POST "$PLAYBOOK_BASE_URL/cancel/$TEAM_ID/$RUN_ID" -H "Authorization: Bearer $PLAYBOOK_TOKEN"\n',
        "test_contract_samples.py::test_the_curl_sample_cancels_a_run",
    ),
    Mutant(
        "contract",
        "an example breaks its schema",
        Document(
            CONTRACT,
            (*CANCEL, "responses", "200", "content", "application/json", "schema", "example", "message"),
            5,
        ),
        "tests/test_mock_main.py::test_it_serves_until_a_signal_and_ends_well",
    ),
    Mutant(
        "contract",
        "the published contract is not what its page says",
        Document(PUBLISHED, (*CANCEL, "operationId"), "cancel"),
        "tests/test_contract_generate.py::test_the_published_contract_is_what_its_page_carries_as_long_as_it_says_so",
    ),
    Mutant(
        "contract",
        "a documented status is lost on the way to generated/",
        Document(CONTRACT, (*CANCEL, "responses", "402"), REMOVED),
        "tests/test_project.py::test_what_is_committed_in_generated_is_what_its_sources_give",
    ),
    Mutant(
        "pipeline",
        "an action that matches nothing is passed over",
        Code(f"{PIPELINE}/overlay.py", "apply", "not nodes and not strict", "not nodes"),
        "tests/test_contract_generate.py::test_an_action_that_no_longer_matches_stops_the_step",
    ),
    Mutant(
        "pipeline",
        "of two alternatives of credentials one is lost",
        Code(
            f"{PIPELINE}/operations.py",
            "_security",
            "tuple(tuple(alternative) for alternative in alternatives)",
            "tuple(tuple(alternative)[:1] for alternative in alternatives)",
        ),
        "tests/test_rehearsal.py::test_a_new_operation_is_a_typed_method_and_a_route_with_no_line_written",
    ),
    # The suite itself
    Mutant(
        "suite",
        "an interrupt is passed over",
        Code(f"{SUITE}/__main__.py", "_conform", "end.interrupted", "False"),
        "tests/test_conformance_live.py::test_an_interrupt_ends_all_of_it",
    ),
    Mutant(
        "suite",
        "a run is cancelled twice",
        Code(f"{SUITE}/extension.py", "before_call", "label in _sent_once[-1]", "False"),
        "tests/test_conformance_live.py::test_what_is_sent_really_is_not_repeated_where_no_answer_comes",
    ),
    Mutant(
        "suite",
        "a credential that was cut is not found",
        Code(f"{SUITE}/leaks.py", "", "_WINDOW, _STEP = 12, 4", "_WINDOW, _STEP = 1000, 4"),
        "tests/test_conformance_live.py::test_a_secret_is_found_in_whatever_spelling",
    ),
    Mutant(
        "suite",
        "a server may disregard one of two credentials",
        Code(f"{SUITE}/extension.py", "_accepted", "answer.status_code != 401", "False"),
        "tests/test_conformance_breaches.py::test_a_server_that_stock_checks_let_pass_is_caught",
    ),
]  # fmt: skip
