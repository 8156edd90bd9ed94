package io.inferc.examples;

import io.inferc.benchmark.UsefulTokens;
import io.inferc.benchmark.load.Load;
import io.inferc.benchmark.load.PromptRequest;
import io.inferc.benchmark.load.Requests;
import io.inferc.benchmark.load.TensorRequest;
import io.inferc.benchmark.study.Variant;
import io.inferc.benchmark.trace.GeneratedValues;
import io.inferc.benchmark.trace.Trace;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.NumpyFiles;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What a benchmark asks: recorded requests, samples, prompts, or values that are drawn. */
final class BenchRequests {
  private static final int DRAWN = 256;
  private static final int MOST_SAMPLES = 4096;
  private static final String SUFFIX = ".npz";
  private static final String MASK = "attention_mask";
  private static final Pattern BATCHES = Pattern.compile("(.+)=([1-9]\\d{0,4}(?:,[1-9]\\d{0,4})*)");

  @Option(
      names = "--samples",
      paramLabel = "DIR",
      description = "Ask with samples: .npz files, each with an array for every input.")
  private Optional<Path> samples = Optional.empty();

  @Option(
      names = "--trace",
      paramLabel = "PATH",
      description = "Ask as was recorded by a TraceRecorder, with --load replay at the same times.")
  private Optional<Path> trace = Optional.empty();

  @Option(
      names = "--size",
      paramLabel = "SYMBOL=A..B",
      converter = SizeRange.Text.class,
      description = "Draw an open size of the inputs from A to B; may be repeated.")
  private List<SizeRange> sizes = new ArrayList<>();

  @Option(
      names = "--integers",
      paramLabel = "INPUT=A..B",
      converter = SizeRange.Text.class,
      description =
          "Draw the integers of an input from A to B; may be repeated. Those of inputs called"
              + " attention_mask are 1 and of token_type_ids 0 if not given.")
  private List<SizeRange> integers = new ArrayList<>();

  @Option(
      names = "--batches",
      paramLabel = "SYMBOL=N,N",
      description =
          "Measure the throughput at sizes of batch, too: those of an open size of the inputs, such"
              + " as batch=1,2,4,8; the others are drawn.")
  private Optional<String> batches = Optional.empty();

  @Option(
      names = "--prompts",
      paramLabel = "FILE",
      description = "Ask a language model with the lines of a file.")
  private Optional<Path> prompts = Optional.empty();

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      converter = PositiveCount.class,
      description = "Have a language model answer with N tokens at most (64).")
  private int maxTokens = 64;

  /** Refuses sizes that no tensor has. */
  void check() {
    for (SizeRange size : sizes) {
      if (size.least() < 1) {
        throw new TypeConversionException(
            "--size " + size.name() + " begins at " + size.least() + ", but a size is 1 or more");
      }
    }
  }

  /** The recording, if one is named. */
  Optional<Trace> trace() {
    return trace.map(Trace::read);
  }

  /** Reads a load; {@code replay} and {@code replay:2} take their times from the recording. */
  Load load(String text) {
    if (!text.matches("replay(:.*)?")) {
      return Load.parse(text);
    }
    Trace recorded =
        trace()
            .orElseThrow(
                () -> new TypeConversionException("--load replay needs a recording: --trace PATH"));
    try {
      double speed = text.equals("replay") ? 1 : Double.parseDouble(text.substring(7));
      return Load.replay(recorded.arrivals(), speed);
    } catch (NumberFormatException e) {
      throw new TypeConversionException("'" + text + "' is no load such as replay or replay:2");
    }
  }

  /** What to calibrate with, if there are real values. */
  Optional<Dataset> calibration() {
    if (samples.isPresent()) {
      return Optional.of(Dataset.of(read(samples.get())));
    }
    return trace().map(Trace::samples);
  }

  /**
   * The sizes that were given, for a compiler; empty if none were. Those without a name, such as
   * {@code x[0]}, are a server's, and no compiler knows them.
   */
  Optional<ShapeProfile> profile() {
    List<SizeRange> named = sizes.stream().filter(size -> !size.name().contains("[")).toList();
    if (named.isEmpty()) {
      return Optional.empty();
    }
    ShapeProfile profile = ShapeProfile.named("bench");
    for (SizeRange size : named) {
      profile =
          profile.range(size.name(), size.least(), (size.least() + size.most()) / 2, size.most());
    }
    return Optional.of(profile);
  }

  /** Requests with texts. */
  Requests prompts(long seed) throws IOException {
    List<String> lines =
        prompts.isPresent()
            ? Files.readAllLines(prompts.get(), StandardCharsets.UTF_8).stream()
                .filter(line -> !line.isBlank())
                .toList()
            : Corpus.sentences().stream().map(Corpus::text).toList();
    if (lines.isEmpty()) {
      throw new TypeConversionException("there is no line in " + prompts.orElseThrow());
    }
    return Requests.drawnFrom(
        lines.stream().map(line -> new PromptRequest("prompt", line, maxTokens)).toList(), seed);
  }

  /** Requests with tensors for inputs so described. */
  Requests tensors(List<TensorSpec> inputs, long seed) {
    if (samples.isPresent()) {
      return Requests.of(Dataset.of(read(samples.get())), MOST_SAMPLES, seed);
    }
    Optional<Trace> recorded = trace();
    if (recorded.isPresent()) {
      GeneratedValues values = GeneratedValues.seeded(seed);
      for (TensorSpec input : inputs) {
        if (input.type().isInteger()) {
          SizeRange range = integersOf(input);
          values = values.integers(input.name(), range.least(), range.most());
        }
      }
      return recorded.get().requests(values);
    }
    return drawn(inputs, sizes, seed);
  }

  private Requests drawn(List<TensorSpec> inputs, List<SizeRange> sizes, long seed) {
    List<TensorRequest> drawn = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < DRAWN; i++) {
      drawn.add(draw(inputs, sizes, random));
    }
    return Requests.drawnFrom(drawn, seed);
  }

  /**
   * Adds to a variant the sizes of batch that were asked for, and what its masks say of padding.
   */
  Variant described(Variant variant, List<TensorSpec> inputs, long seed) {
    Variant described = variant;
    if (batches.isPresent()) {
      Matcher match = BATCHES.matcher(batches.get());
      if (!match.matches() || samples.isPresent() || trace.isPresent()) {
        throw new TypeConversionException(
            "'"
                + batches.get()
                + "' is no size with numbers such as batch=1,2,4, which takes inputs that are"
                + " drawn");
      }
      String symbol = match.group(1);
      described =
          described.batches(
              batch -> {
                List<SizeRange> own = new ArrayList<>(sizes);
                own.removeIf(size -> size.name().equals(symbol));
                own.add(new SizeRange(symbol, batch, batch));
                return drawn(inputs, own, seed);
              },
              Arrays.stream(match.group(2).split(",", -1)).mapToInt(Integer::parseInt).toArray());
    }
    if (samples.isPresent() && inputs.stream().anyMatch(input -> input.name().equals(MASK))) {
      described = described.usefulTokens(UsefulTokens.of(Dataset.of(read(samples.get())), MASK));
    }
    return described;
  }

  private static List<Map<String, Tensor>> read(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> archives =
          files
              .filter(file -> file.toString().endsWith(SUFFIX))
              .sorted()
              .limit(MOST_SAMPLES)
              .toList();
      if (archives.isEmpty()) {
        throw new TypeConversionException("there is no " + SUFFIX + " file in " + folder);
      }
      return archives.stream().map(NumpyFiles::readArchive).toList();
    } catch (IOException e) {
      throw new TypeConversionException("the folder " + folder + " cannot be read: " + e);
    }
  }

  private TensorRequest draw(
      List<TensorSpec> inputs, List<SizeRange> sizes, SplittableRandom random) {
    Map<String, Long> drawn = new LinkedHashMap<>();
    for (SizeRange size : sizes) {
      drawn.put(size.name(), random.nextLong(size.least(), size.most() + 1));
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (TensorSpec input : inputs) {
      List<Dimension> dimensions =
          input
              .shape()
              .dimensions()
              .orElseThrow(
                  () ->
                      new TypeConversionException(
                          "the input " + input + " has no rank: give --samples or --trace"));
      long[] shape = new long[dimensions.size()];
      for (int axis = 0; axis < shape.length; axis++) {
        shape[axis] = size(input, axis, dimensions.get(axis), drawn);
      }
      tensors.put(input.name(), fill(input, shape, random));
    }
    return TensorRequest.of(tensors);
  }

  /** Sizes without a name, as servers have them, are called by the input and the axis. */
  private static long size(
      TensorSpec input, int axis, Dimension dimension, Map<String, Long> drawn) {
    if (dimension.size().isPresent()) {
      return dimension.size().getAsLong();
    }
    String symbol = dimension.symbol().orElse(input.name() + "[" + axis + "]");
    Long size = drawn.get(symbol);
    if (size == null) {
      throw new TypeConversionException(
          "a size of the input "
              + input
              + " is open: give --size '"
              + symbol
              + "=1..8', or --samples or --trace");
    }
    return size;
  }

  private Tensor fill(TensorSpec input, long[] shape, SplittableRandom random) {
    int count = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
    return switch (input.type()) {
      case FLOAT32 -> {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
          values[i] = (float) (2 * random.nextDouble() - 1);
        }
        yield Tensor.of(values, shape);
      }
      case FLOAT64 -> Tensor.of(random.doubles(count, -1, 1).toArray(), shape);
      case INT64 -> Tensor.of(whole(input, count, random), shape);
      case INT32 ->
          Tensor.of(
              Arrays.stream(whole(input, count, random)).mapToInt(Math::toIntExact).toArray(),
              shape);
      case BOOL -> {
        boolean[] values = new boolean[count];
        for (int i = 0; i < count; i++) {
          values[i] = random.nextBoolean();
        }
        yield Tensor.of(values, shape);
      }
      case UINT8, INT8 -> {
        long[] wide = whole(input, count, random);
        byte[] values = new byte[count];
        for (int i = 0; i < count; i++) {
          values[i] = (byte) wide[i];
        }
        yield Tensor.ofBytes(input.type(), values, shape);
      }
      default ->
          throw new TypeConversionException(
              "no values are drawn for the input " + input + ": give --samples or --trace");
    };
  }

  private long[] whole(TensorSpec input, int count, SplittableRandom random) {
    SizeRange range = integersOf(input);
    return random.longs(count, range.least(), range.most() + 1).toArray();
  }

  private SizeRange integersOf(TensorSpec input) {
    return integers.stream()
        .filter(range -> range.name().equals(input.name()))
        .findFirst()
        .or(() -> usual(input.name()))
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "the input "
                        + input
                        + " takes integers: give --integers '"
                        + input.name()
                        + "=0..N', or --samples"));
  }

  private static Optional<SizeRange> usual(String name) {
    return switch (name) {
      case MASK -> Optional.of(new SizeRange(name, 1, 1));
      case "token_type_ids" -> Optional.of(new SizeRange(name, 0, 0));
      default -> Optional.empty();
    };
  }
}
