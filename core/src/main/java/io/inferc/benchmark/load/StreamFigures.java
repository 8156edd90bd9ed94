package io.inferc.benchmark.load;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * How fast answers came that came in parts.
 *
 * <p>The same things have different names in different tools, and the same name different things:
 *
 * <table>
 * <caption>Names of NVIDIA's AIPerf and of vLLM's benchmark</caption>
 * <tr><th>here</th><th>AIPerf</th><th>vLLM</th></tr>
 * <tr><td>{@link #timeToFirstToken}</td><td>time to first token (TTFT)</td><td>TTFT</td></tr>
 * <tr><td>{@link #timePerOutputToken}</td><td>inter token latency (ITL)</td><td>time per output
 * token (TPOT)</td></tr>
 * <tr><td>{@link #gapsBetweenParts}</td><td>inter chunk latency (ICL)</td><td>inter-token latency
 * (ITL)</td></tr>
 * </table>
 *
 * <p>Both count from the moment that a request was sent, here it counts from the moment that it was
 * meant to be, as for every latency; {@link #timeToFirstTokenFromSending} is theirs.
 *
 * @param timeToFirstToken until the first part with content, from the intended start
 * @param timeToFirstTokenFromSending the same, from the moment of sending
 * @param timePerOutputToken of each answer of two tokens or more, the time from the first part to
 *     the last, divided by the number of tokens less one
 * @param gapsBetweenParts from each part to the next, of all answers
 * @param tokens how many tokens were answered
 * @param tokensPerSecond tokens a second of all requests together
 */
public record StreamFigures(
    LatencyDistribution timeToFirstToken,
    LatencyDistribution timeToFirstTokenFromSending,
    LatencyDistribution timePerOutputToken,
    LatencyDistribution gapsBetweenParts,
    long tokens,
    double tokensPerSecond) {
  public StreamFigures {
    Objects.requireNonNull(timeToFirstToken, "timeToFirstToken");
    Objects.requireNonNull(timeToFirstTokenFromSending, "timeToFirstTokenFromSending");
    Objects.requireNonNull(timePerOutputToken, "timePerOutputToken");
    Objects.requireNonNull(gapsBetweenParts, "gapsBetweenParts");
  }

  /** The figures of several runs, one after the other; empty for none. */
  static Optional<StreamFigures> together(List<StreamFigures> parts) {
    if (parts.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new StreamFigures(
            together(parts, StreamFigures::timeToFirstToken),
            together(parts, StreamFigures::timeToFirstTokenFromSending),
            together(parts, StreamFigures::timePerOutputToken),
            together(parts, StreamFigures::gapsBetweenParts),
            parts.stream().mapToLong(StreamFigures::tokens).sum(),
            parts.stream().mapToDouble(StreamFigures::tokensPerSecond).average().orElse(0)));
  }

  private static LatencyDistribution together(
      List<StreamFigures> parts, Function<StreamFigures, LatencyDistribution> times) {
    return LatencyDistribution.together(parts.stream().map(times).toList());
  }

  /**
   * Works the figures out.
   *
   * @param samples the requests
   * @param chosen those that count, all of them answered in parts
   * @param tokens how many tokens came in the measured time
   * @param seconds how long that was
   */
  static StreamFigures of(LoadSamples samples, int[] chosen, long tokens, double seconds) {
    Doubles first = new Doubles();
    Doubles fromSending = new Doubles();
    Doubles perToken = new Doubles();
    Doubles gaps = new Doubles();
    for (int i : chosen) {
      StreamTimes stream = samples.stream(i);
      if (stream == null || stream.count() == 0) {
        continue;
      }
      first.add((double) (stream.at(0) - samples.intended(i)));
      fromSending.add((double) (stream.at(0) - samples.start(i)));
      for (int c = 1; c < stream.count(); c++) {
        gaps.add((double) (stream.at(c) - stream.at(c - 1)));
      }
      if (stream.tokens() > 1 && stream.count() > 1) {
        double all = stream.at(stream.count() - 1) - stream.at(0);
        perToken.add(all / (stream.tokens() - 1));
      }
    }
    return new StreamFigures(
        first.distribution(),
        fromSending.distribution(),
        perToken.distribution(),
        gaps.distribution(),
        tokens,
        tokens / seconds);
  }
}
