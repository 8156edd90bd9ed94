package io.inferc.backend.openvino;

import io.inferc.runtime.Target;
import io.inferc.testing.UnreachableModelContractTest;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;

class OpenVinoUnreachableModelTest extends UnreachableModelContractTest {
  @BeforeAll
  static void chooseLibrary() {
    TestLibrary.require();
  }

  @Override
  protected Target target() {
    return TestLibrary.target();
  }

  @Override
  protected List<String> jvmOptions() {
    return List.of(
        "-D" + LibrarySearch.PROPERTY + "=" + System.getProperty(LibrarySearch.PROPERTY, ""));
  }
}
