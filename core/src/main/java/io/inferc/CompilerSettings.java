package io.inferc;

import io.inferc.common.Cancellation;
import io.inferc.common.ProgressListener;
import io.inferc.execution.internal.ExecutionOptions;
import io.inferc.onnx.ModelLimits;
import io.inferc.rewrite.PassListener;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.spi.BackendRegistry;
import java.util.List;

/** What a {@link Compiler} was asked to do, with the back end that will do it. */
record CompilerSettings(
    BackendRegistry.Opened opened,
    Precision precision,
    List<ShapeProfile> profiles,
    ExecutionOptions execution,
    ProgressListener progress,
    PassListener passListener,
    Cancellation cancellation,
    Target reference,
    Isolation isolation,
    ModelLimits limits) {}
