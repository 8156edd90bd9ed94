package io.inferc.benchmark.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EndpointOptionsTest {

  @Test
  void optionsAreWhatWasSet() {
    EndpointOptions options =
        EndpointOptions.builder()
            .connectTimeout(Duration.ofSeconds(1))
            .requestTimeout(Duration.ofSeconds(2))
            .header("X-Key", "first")
            .header("x-key", "secret")
            .httpVersion(EndpointOptions.HttpVersion.HTTP_2)
            .maxAnswerBytes(9)
            .build();
    assertEquals(Duration.ofSeconds(1), options.connectTimeout());
    assertEquals(Duration.ofSeconds(2), options.requestTimeout());
    assertEquals(Map.of("x-key", "secret"), options.headers());
    assertEquals(EndpointOptions.HttpVersion.HTTP_2, options.httpVersion());
    assertEquals(9, options.maxAnswerBytes());
    assertEquals(Optional.empty(), options.tls());
    assertFalse(options.toString().contains("secret"), options.toString());
  }

  @Test
  void optionsThatCannotBeAreRefused() {
    EndpointOptions.Builder builder = EndpointOptions.builder();
    assertThrows(IllegalArgumentException.class, () -> builder.connectTimeout(Duration.ZERO));
    assertThrows(
        IllegalArgumentException.class, () -> builder.requestTimeout(Duration.ofDays(400)));
    assertThrows(IllegalArgumentException.class, () -> builder.header("Content-Length", "1"));
    assertThrows(IllegalArgumentException.class, () -> builder.header("a b", "1"));
    assertThrows(IllegalArgumentException.class, () -> builder.header("a", "1\r\nb: 2"));
    assertThrows(IllegalArgumentException.class, () -> builder.maxAnswerBytes(0));
    assertThrows(IllegalArgumentException.class, () -> builder.maxAnswerBytes(Long.MAX_VALUE));
  }
}
