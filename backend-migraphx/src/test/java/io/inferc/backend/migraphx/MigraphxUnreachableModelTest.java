package io.inferc.backend.migraphx;

import io.inferc.runtime.Target;
import io.inferc.testing.UnreachableModelContractTest;
import java.util.List;
import java.util.stream.Stream;

class MigraphxUnreachableModelTest extends UnreachableModelContractTest {
  @Override
  protected Target target() {
    return RealLibrary.target();
  }

  @Override
  protected List<String> jvmOptions() {
    return Stream.of(LibrarySearch.PROPERTY, RealLibrary.DEVICE, RealLibrary.ASYNCHRONOUS)
        .filter(name -> System.getProperty(name) != null)
        .map(name -> "-D" + name + "=" + System.getProperty(name))
        .toList();
  }
}
