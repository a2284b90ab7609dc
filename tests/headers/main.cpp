// That the headers compile alone and link together is the test.
int main() {
  return 0;
}
