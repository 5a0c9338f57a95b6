"""Greets callers with the secret. Usage: greeter_server.py PORT"""

import sys
from concurrent import futures

import grpc

import greeter_pb2
import greeter_pb2_grpc

SECRET = ("authorization", "42")


class Greeter(greeter_pb2_grpc.GreeterServicer):
    def Greet(self, request, context):
        return greeter_pb2.GreetingResponse(greeting=f"Hello {request.name}!")

    def Chat(self, request_iterator, context):
        for request in request_iterator:
            yield greeter_pb2.GreetingResponse(greeting=f"Welcome, {request.name}!")


class Authentication(grpc.ServerInterceptor):
    def intercept_service(self, continuation, handler_call_details):
        if SECRET in handler_call_details.invocation_metadata:
            return continuation(handler_call_details)
        # A streaming handler serves calls of every kind, and does not wait for a message.
        return grpc.stream_stream_rpc_method_handler(self.deny)

    @staticmethod
    def deny(request_iterator, context):
        context.abort(grpc.StatusCode.UNAUTHENTICATED, "Access denied!")


def serve(port):
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=10), interceptors=[Authentication()]
    )
    greeter_pb2_grpc.add_GreeterServicer_to_server(Greeter(), server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    serve(sys.argv[1])
