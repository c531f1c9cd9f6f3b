// The account of one machine, served by Debian's libgrpc++: what `bench grpc` compares with.
//
// usage: grpc_server PORT
//
// Answers BankService/GetBalance of scalemodel.proto with the same message as a machine does, with
// the callback API, which is the one the library recommends for speed.
#include <grpcpp/grpcpp.h>

#include <iostream>
#include <memory>
#include <string>

#include "scalemodel.grpc.pb.h"

namespace {

class Bank final : public scalemodel::v1::BankService::CallbackService {
  grpc::ServerUnaryReactor* GetBalance(grpc::CallbackServerContext* context,
                                       const scalemodel::v1::GetBalanceRequest*,
                                       scalemodel::v1::GetBalanceResponse* response) override {
    response->set_account_id("0");
    response->set_balance(1000);
    response->set_process_id("0");
    response->set_logical_clock(10000);
    response->set_tick(10000);
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

}  // namespace

int main(int count, char** words) {
  if (count != 2) {
    std::cerr << "usage: grpc_server PORT\n";
    return 64;
  }
  Bank bank;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(std::string("127.0.0.1:") + words[1],
                           grpc::InsecureServerCredentials());
  builder.RegisterService(&bank);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server) return 69;
  std::cout << "ready" << std::endl;
  // Ends when whoever started it goes.
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  server->Shutdown();
}
