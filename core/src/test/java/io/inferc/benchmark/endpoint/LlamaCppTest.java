package io.inferc.benchmark.endpoint;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.endpoint.OpenAiEndpoint.Protocol;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * A real server of OpenAI's protocols, llama.cpp's, with {@code -Dinferc.llamacpp=} and a folder in
 * which pip may install it.
 */
@Tag("server")
@EnabledIfSystemProperty(named = "inferc.llamacpp", matches = ".+")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class LlamaCppTest extends PromptServerContract {
  @Override
  String script() {
    return "serve_llamacpp.py";
  }

  @Override
  Path folder() {
    return Path.of(System.getProperty("inferc.llamacpp"));
  }

  @Override
  OpenAiEndpoint.Builder builder(String url, Protocol protocol) {
    return super.builder(url, protocol).parameter("ignore_eos", "true");
  }

  @Test
  void whatTheServerRefusesFailsInItsWords() {
    assertTrue(
        refusal(endpoint(Protocol.COMPLETION), "x".repeat(3000))
            .contains("FAILED: status 400: request (3002 tokens) exceeds"));
    assertTrue(
        refusal(builder(url(), Protocol.CHAT).parameter("temperature", "\"hot\"").build(), "hello")
            .contains("FAILED: status "));
    assertTrue(
        refusal(builder(url() + "/nix", Protocol.CHAT).build(), "hello")
            .contains("FAILED: status 404: File Not Found"));
    String unknown =
        refusal(OpenAiEndpoint.builder(url(), "tiny").apiKey("another").build(), "hello");
    assertTrue(unknown.contains("FAILED: status 401: Invalid API Key"), unknown);
  }
}
