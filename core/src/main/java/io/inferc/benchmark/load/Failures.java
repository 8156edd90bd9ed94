package io.inferc.benchmark.load;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The first messages of each kind of failure, and how often each came. */
final class Failures {
  private static final int MESSAGES = 5;
  private static final int LENGTH = 500;
  private static final String OTHERS = "(other messages)";

  private final Map<Answer.Outcome, Map<String, Long>> counts = new EnumMap<>(Answer.Outcome.class);

  synchronized void add(Answer answer) {
    Map<String, Long> messages =
        counts.computeIfAbsent(answer.outcome(), o -> new LinkedHashMap<>());
    String message = answer.detail();
    if (message.length() > LENGTH) {
      message = message.substring(0, LENGTH) + "…";
    }
    if (messages.size() >= MESSAGES && !messages.containsKey(message)) {
      message = OTHERS;
    }
    messages.merge(message, 1L, Long::sum);
  }

  synchronized List<Failure> list() {
    return counts.entrySet().stream()
        .flatMap(
            o ->
                o.getValue().entrySet().stream()
                    .map(m -> new Failure(o.getKey(), m.getKey(), m.getValue())))
        .toList();
  }
}
