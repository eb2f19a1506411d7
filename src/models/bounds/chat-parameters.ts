import { wordSet } from "./payload-parts.ts";

/**
 * Parameters of Chat Completions that cost nothing beside the tokens that `max_tokens` limits, on the servers that have
 * them: OpenAI, OpenRouter, DeepSeek, Mistral, Groq, Together, Fireworks, Cerebras, DashScope, Z.ai, Moonshot; vLLM, SGLang,
 * llama.cpp, Ollama, LM Studio. What is not here may make a server sample more than once, search, or ask another model.
 */
const HARMLESS = [
  "model messages stream stream_options max_tokens max_completion_tokens min_tokens stop seed random_seed",
  "tools tool_choice parallel_tool_calls functions function_call response_format user metadata store",
  "temperature top_p top_k top_a min_p typical_p tfs_z frequency_penalty presence_penalty repetition_penalty",
  "logit_bias logprobs top_logprobs service_tier safety_identifier prompt_cache_key prompt_cache_retention verbosity",
  // Of reasoning.
  "reasoning reasoning_effort reasoning_format reasoning_split reasoning_history include_reasoning disable_reasoning",
  "thinking enable_thinking thinking_budget preserve_thinking clear_thinking prompt_mode think",
  // Of gateways and hosts.
  "provider usage transforms truncation session_id trace tags cache_control safe_prompt context_length_exceeded_behavior",
  "prompt_truncate_len prompt_cache_isolation_key perf_metrics_in_response user_id request_id user_security_context",
  "do_sample tool_stream result_format incremental_output partial citation_options documents disable_tool_validation",
  "document_image_limit document_page_limit",
  // Of servers that people run themselves.
  "chat_template chat_template_kwargs add_generation_prompt continue_final_message add_special_tokens echo",
  "guided_json guided_regex guided_choice guided_grammar guided_decoding_backend guided_whitespace_pattern",
  "structured_outputs grammar json_schema regex ebnf bad_words stop_token_ids include_stop_str_in_output ignore_eos",
  "skip_special_tokens spaces_between_special_tokens no_stop_trim separate_reasoning stream_reasoning priority",
  "return_token_ids return_tokens_as_token_ids prompt_logprobs truncate_prompt_tokens mm_processor_kwargs cache_salt",
  "repeat_penalty repeat_last_n mirostat mirostat_tau mirostat_eta mirostat_lr mirostat_target typical n_probs",
  "dry_multiplier dry_base dry_allowed_length dry_penalty_last_n dry_sequence_breakers xtc_probability xtc_threshold",
  "dynatemp_range dynatemp_exponent top_n_sigma samplers min_keep cache_prompt id_slot slot_id timings_per_token",
  "t_max_predict_ms return_progress post_sampling_probs parse_tool_calls reasoning_in_content keep_alive format ttl",
];

/**
 * They are known to cost, but where they ask for nothing or one of something: several choices; searches and plug-ins that
 * have a fee; other models at other prices; sounds and pictures.
 */
export const COSTLY = (
  "n best_of num_completions num_generations num_beams use_beam_search web_search_options search_parameters " +
  "enable_search plugins models route fallbacks prediction audio"
).split(" ");

/** With those that are looked at by themselves. */
export const KNOWN_TO_CHAT: ReadonlySet<string> = wordSet(...HARMLESS, COSTLY.join(" "), "modalities");

export const KNOWN_OF_REASONING: ReadonlySet<string> = wordSet("effort max_tokens enabled exclude summary");
export const KNOWN_OF_THINKING: ReadonlySet<string> = wordSet("type budget_tokens clear_thinking display keep");
