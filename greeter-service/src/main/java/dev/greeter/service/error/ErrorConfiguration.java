package dev.greeter.service.error;

import net.devh.boot.grpc.common.util.InterceptorOrder;
import net.devh.boot.grpc.server.interceptor.GrpcGlobalServerInterceptor;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

/** Puts the exception mapping around every service. */
@Configuration(proxyBeanMethods = false)
class ErrorConfiguration {

  @GrpcGlobalServerInterceptor
  @Order(InterceptorOrder.ORDER_GLOBAL_EXCEPTION_HANDLING)
  ExceptionInterceptor exceptionInterceptor() {
    return new ExceptionInterceptor();
  }
}
