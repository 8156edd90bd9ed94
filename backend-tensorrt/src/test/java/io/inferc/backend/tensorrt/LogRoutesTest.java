package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Lines by the way that native code takes, but for the native code. */
class LogRoutesTest {
  @Test
  void aLineGoesToWhoWorksOnItsThreadAndElseToTheLatest() throws InterruptedException {
    List<String> first = new ArrayList<>();
    List<String> second = new ArrayList<>();
    LogRoutes.route((severity, text) -> first.add(severity + " " + text));
    LogRoutes.dispatch(1, "mine");
    Thread other =
        new Thread(
            () -> {
              LogRoutes.dispatch(2, "of a thread of TensorRT's");
              LogRoutes.route((severity, text) -> second.add(text));
              LogRoutes.dispatch(3, "of another session");
            });
    other.start();
    other.join();
    LogRoutes.dispatch(4, "mine again");
    assertEquals(
        List.of("ERROR mine", "WARNING of a thread of TensorRT's", "VERBOSE mine again"), first);
    assertEquals(List.of("of another session"), second);
  }

  @Test
  void aSinkThatThrowsDisturbsNobody() {
    LogRoutes.route(
        (severity, text) -> {
          throw new IllegalStateException(text);
        });
    LogRoutes.dispatch(1, "thrown into the sink");
    List<String> heard = new ArrayList<>();
    LogRoutes.route((severity, text) -> heard.add(text));
    LogRoutes.dispatch(1, "after it");
    assertEquals(List.of("after it"), heard);
  }
}
