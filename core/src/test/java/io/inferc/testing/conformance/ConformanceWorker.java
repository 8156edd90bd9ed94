package io.inferc.testing.conformance;

import io.inferc.runtime.Target;
import io.inferc.testing.PyPiModels;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tries units in a process of its own: reads one a line, answers with one line each. What native
 * code does to the process then ends no test. The argument is the class that makes the target.
 */
public final class ConformanceWorker {
  /** Begins a line with an answer, to tell it from what runtimes print. */
  static final String MARK = "answer\t";

  /** Says that the variant is the case as given. */
  static final String SAME = "SAME";

  private ConformanceWorker() {}

  /** Reads units until the input ends. */
  public static void main(String[] arguments) throws IOException, ReflectiveOperationException {
    Constructor<?> options = Class.forName(arguments[0]).getDeclaredConstructor();
    options.setAccessible(true);
    Target target = (Target) ((Supplier<?>) options.newInstance()).get();
    Map<String, SuiteCase> cases =
        SuiteCase.all(PyPiModels.onnxTestData()).stream()
            .collect(Collectors.toMap(SuiteCase::name, Function.identity()));
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    @Nullable CaseRunner runner = null;
    String current = "";
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      Unit unit = Unit.parse(line);
      if (runner == null || !current.equals(unit.name())) {
        runner = new CaseRunner(cases.get(unit.name()), target);
        current = unit.name();
      }
      Optional<Answer> answer = runner.run(unit.variant(), unit.mode());
      System.out.println(
          MARK + answer.map(a -> a.verdict() + "\t" + oneLine(a.detail())).orElse(SAME + "\t"));
    }
    // Threads of a runtime may not hold the process.
    System.exit(0);
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\s+", " ").strip();
  }
}
